//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// script runs a text that is there as a whole: -c, or a file.
func (s *shell) script(r io.Reader, name string) int {
	file, err := syntax.NewParser().Parse(r, name)
	if err != nil {
		fmt.Fprintln(s.io.err, err) // it begins with the name
		return 2
	}
	nameZero(file)
	code := 0
	for i, st := range file.Stmts {
		var node syntax.Node = st
		var exit bool
		if i == len(file.Stmts)-1 && !st.Background && !isExec(st) {
			// Running a file ends with its EXIT trap, and so the last
			// statement leaves it its $?.
			node = &syntax.File{Name: name, Stmts: []*syntax.Stmt{st}}
			code, _ = s.run(node)
			return code
		}
		if code, exit = s.run(node); exit {
			return code
		}
	}
	s.run(&syntax.File{Name: name}) // the EXIT trap
	return code
}

// isExec reports whether st calls exec.
func isExec(st *syntax.Stmt) bool {
	call, ok := st.Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 0 && call.Args[0].Lit() == "exec"
}

// stream runs standard input as it comes, and leaves to the commands what it
// has not read.
func (s *shell) stream() int {
	code := 0
	in := &lineReader{r: s.io.in}
	for stmts, err := range syntax.NewParser().InteractiveSeq(in) {
		if err != nil {
			fmt.Fprintf(s.io.err, "sh: %v\n", err)
			return 2
		}
		for _, st := range stmts {
			nameZero(st)
			var exit bool
			if code, exit = s.run(st); exit {
				return code
			}
		}
	}
	return s.finish()
}

// session is the dialogue with a terminal.
func (s *shell) session() int {
	ask, lines := readLines(s.io.in)
	text, asked := "", false
	for {
		fmt.Fprint(s.io.err, s.prompt(text != ""))
		if !asked {
			ask <- struct{}{}
			asked = true
		}
		select {
		case <-s.interrupted:
			fmt.Fprintln(s.io.err)
			text = ""
			continue
		case line := <-lines:
			asked = false
			text += line.text
			if line.err != nil && text == "" {
				fmt.Fprintln(s.io.err)
				return s.finish()
			}
			stmts, more, err := parse(text)
			if more && line.err == nil {
				continue
			}
			text = ""
			if err != nil {
				fmt.Fprintf(s.io.err, "sh: %v\n", err)
				continue
			}
			if code, exit := s.line(stmts); exit {
				return code
			}
		}
	}
}

// line runs the statements of one line; an interrupt drops the rest.
func (s *shell) line(stmts []*syntax.Stmt) (code int, exit bool) {
	for _, st := range stmts {
		if code, exit = s.run(st); exit || code == 130 {
			return code, exit
		}
	}
	return code, false
}

// prompt is "/ # ", with a # for root.
func (s *shell) prompt(more bool) string {
	switch {
	case more:
		return "> "
	case os.Geteuid() == 0:
		return s.runner.Dir + " # "
	}
	return s.runner.Dir + " $ "
}

// parse returns the statements of text, or that it goes on in the next line.
func parse(text string) (stmts []*syntax.Stmt, more bool, err error) {
	body := strings.TrimSuffix(text, "\n")
	if slashes := len(body) - len(strings.TrimRight(body, `\`)); slashes%2 == 1 {
		return nil, true, errors.New("the line ends in a backslash")
	}
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, syntax.IsIncomplete(err), err
	}
	nameZero(file)
	return file.Stmts, false, nil
}
