//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// echo is for those that call /bin/echo: the shell has its own.
func echo(io stdio, args []string) error {
	newline, escapes := "\n", false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				newline = ""
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		var stop bool
		if text, stop = unescape(text); stop {
			newline = ""
		}
	}
	_, err := fmt.Fprint(io.out, text+newline)
	return err
}

// unescape does what echo -e promises; stop is true if \c ended the text.
func unescape(text string) (out string, stop bool) {
	simple := map[byte]byte{
		'a': 7, 'b': 8, 'e': 27, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': '\\',
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		c := text[i]
		switch {
		case c == 'c':
			return b.String(), true
		case c == '0' || c == 'x':
			base, most := 8, 3
			if c == 'x' {
				base, most = 16, 2
			}
			j := i + 1
			for j < len(text) && j <= i+most && digit(text[j], base) {
				j++
			}
			n, _ := strconv.ParseUint("0"+text[i+1:j], base, 16)
			b.WriteByte(byte(n))
			i = j - 1
		case simple[c] != 0:
			b.WriteByte(simple[c])
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), false
}

func digit(c byte, base int) bool {
	_, err := strconv.ParseUint(string(c), base, 8)
	return err == nil
}
