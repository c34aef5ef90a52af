//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// show prints entries in the form that ls was asked for.
func show(w *bufio.Writer, io stdio, entries []entry, set letters) {
	if set['l'] || set['n'] {
		long(w, entries, set)
		return
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = printable(e.name)
		if set['i'] {
			names[i] = strconv.FormatUint(e.st.Ino, 10) + " " + names[i]
		}
	}
	width := terminalWidth(io)
	if set['1'] || width == 0 {
		width = 1
	}
	columns(w, names, width)
}

// terminalWidth is the width of the terminal that io writes to, 0 if it is none.
func terminalWidth(io stdio) int {
	f, ok := io.out.(*os.File)
	if !ok {
		return 0
	}
	ws, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if ws.Col == 0 {
		return 80
	}
	return int(ws.Col)
}

// columns prints names down and then across, as many columns as width holds.
func columns(w *bufio.Writer, names []string, width int) {
	widest := 0
	for _, n := range names {
		widest = max(widest, utf8.RuneCountInString(n)+2)
	}
	across := max(1, width/max(1, widest))
	rows := (len(names) + across - 1) / across
	for r := range rows {
		for i := r; i < len(names); i += rows {
			w.WriteString(names[i])
			if i+rows < len(names) {
				w.WriteString(strings.Repeat(" ", widest-utf8.RuneCountInString(names[i])))
			}
		}
		w.WriteByte('\n')
	}
}

// long prints one line an entry, its columns aligned.
func long(w *bufio.Writer, entries []entry, set letters) {
	rows := make([][]string, len(entries))
	var widths [6]int
	for i, e := range entries {
		owner, group := userName, groupName
		if set['n'] {
			owner, group = strconv.Itoa, strconv.Itoa
		}
		size := strconv.FormatInt(e.st.Size, 10)
		if t := e.st.Mode & unix.S_IFMT; t == unix.S_IFCHR || t == unix.S_IFBLK {
			size = fmt.Sprintf("%d, %d", unix.Major(e.st.Rdev), unix.Minor(e.st.Rdev))
		}
		inode := ""
		if set['i'] {
			inode = strconv.FormatUint(e.st.Ino, 10)
		}
		rows[i] = []string{inode, modeText(e.st.Mode), fmt.Sprint(e.st.Nlink), owner(int(e.st.Uid)), group(int(e.st.Gid)), size}
		for c, text := range rows[i] {
			widths[c] = max(widths[c], len(text))
		}
	}
	for i, e := range entries {
		r := rows[i]
		if set['i'] {
			fmt.Fprintf(w, "%*s ", widths[0], r[0])
		}
		when := time.Unix(e.st.Mtim.Unix()).Format("2006-01-02 15:04")
		fmt.Fprintf(w, "%s %*s %-*s %-*s %*s %s %s", r[1], widths[2], r[2], widths[3], r[3], widths[4], r[4],
			widths[5], r[5], when, printable(e.name))
		if e.st.Mode&unix.S_IFMT == unix.S_IFLNK {
			if to, err := os.Readlink(e.path); err == nil {
				fmt.Fprintf(w, " -> %s", printable(to))
			}
		}
		w.WriteByte('\n')
	}
}

// modeText is drwxr-xr-x: inode(7).
func modeText(mode uint32) string {
	kinds := map[uint32]byte{
		unix.S_IFDIR: 'd', unix.S_IFLNK: 'l', unix.S_IFCHR: 'c', unix.S_IFBLK: 'b',
		unix.S_IFIFO: 'p', unix.S_IFSOCK: 's', unix.S_IFREG: '-',
	}
	text := []byte("?rwxrwxrwx")
	if k, ok := kinds[mode&unix.S_IFMT]; ok {
		text[0] = k
	}
	for i := range 9 {
		if mode&(0o400>>i) == 0 {
			text[i+1] = '-'
		}
	}
	for _, special := range []struct {
		bit uint32
		at  int
		x   byte
	}{{unix.S_ISUID, 3, 's'}, {unix.S_ISGID, 6, 's'}, {unix.S_ISVTX, 9, 't'}} {
		if mode&special.bit == 0 {
			continue
		}
		if text[special.at] == '-' {
			special.x -= 'a' - 'A' // set, but without the right to execute
		}
		text[special.at] = special.x
	}
	return string(text)
}

// printable keeps a file's name from writing to the terminal: control
// characters are shown as question marks.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, name)
}
