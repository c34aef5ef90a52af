package main

import (
	"fmt"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"example.org/mcr/runtime/explain"
)

// list prints the keys with their titles, phase by phase, or those of one.
func list(w io.Writer, lang, only string) error {
	for i, c := range explain.Chapters(lang) {
		if only != "" && c.Name != only {
			continue
		}
		if i > 0 && only == "" {
			fmt.Fprintln(w) //nolint:errcheck // the table after it says what this would
		}
		if err := chapter(w, lang, c); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s", wrap(explain.Text(lang, "lab/more"), ""))
	return err
}

// chapter is a table of two columns, without a frame: it can be cut and sorted.
func chapter(w io.Writer, lang string, c explain.Chapter) error {
	if _, err := fmt.Fprintf(w, "%s: %s\n", c.Name, c.Title); err != nil {
		return err
	}
	off := tw.Off
	table := tablewriter.NewTable(w,
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: off, BetweenRows: off}, Lines: tw.Lines{ShowHeaderLine: off}},
		}),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithRowAlignment(tw.AlignLeft),
	)
	for _, key := range c.Keys {
		if err := table.Append([]string{key, explain.Text(lang, key)}); err != nil {
			return err
		}
	}
	return table.Render()
}
