//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// eachFile calls use with every file of args, or with standard input.
func eachFile(std stdio, args []string, use func(name string, r io.Reader) error) error {
	if len(args) == 0 {
		return use("-", std.in)
	}
	for _, arg := range args {
		if arg == "-" {
			if err := use(arg, std.in); err != nil {
				return err
			}
			continue
		}
		f, err := os.Open(arg)
		if err != nil {
			return err
		}
		err = use(arg, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// eachLine calls use with every line, however long, without its newline.
func eachLine(r io.Reader, use func(line string) (more bool)) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if line != "" && !use(strings.TrimSuffix(line, "\n")) {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grep prints the lines that match: -i in any case, -v those that do not, -c
// how many, -q nothing, -n with line numbers. The pattern is Go's (RE2), which is
// near to that of grep -E, so -E is taken; -F takes it as it stands.
func grep(std stdio, args []string) error {
	set, args, err := options(args, "ivcqnEF")
	if err != nil || len(args) == 0 {
		fmt.Fprintln(std.err, "grep: usage: grep [-ivcqnEF] PATTERN [FILE...]")
		return status(2)
	}
	pattern, files := args[0], args[1:]
	if set['F'] {
		pattern = regexp.QuoteMeta(pattern)
	}
	if set['i'] {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		fmt.Fprintln(std.err, "grep:", err)
		return status(2)
	}
	w := bufio.NewWriter(std.out)
	found := false
	err = eachFile(std, files, func(name string, r io.Reader) error {
		prefix := ""
		if len(files) > 1 {
			prefix = name + ":"
		}
		count, number := 0, 0
		err := eachLine(r, func(line string) bool {
			number++
			if re.MatchString(line) == set['v'] {
				return true
			}
			count++
			found = true
			switch {
			case set['q'] || set['c']:
			case set['n']:
				fmt.Fprintf(w, "%s%d:%s\n", prefix, number, line)
			default:
				fmt.Fprintf(w, "%s%s\n", prefix, line)
			}
			return !set['q']
		})
		if set['c'] && !set['q'] {
			fmt.Fprintf(w, "%s%d\n", prefix, count)
		}
		return err
	})
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(std.err, "grep:", plain(err))
		return status(2)
	}
	if !found {
		return status(1)
	}
	return nil
}

// head prints the first lines: -n 5, -5.
func head(std stdio, args []string) error {
	n := 10
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		text := strings.TrimPrefix(args[0][1:], "n")
		args = args[1:]
		if text == "" && len(args) > 0 {
			text, args = args[0], args[1:]
		}
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			return errors.New("usage: head [-n LINES] [FILE...]")
		}
	}
	w := bufio.NewWriter(std.out)
	err := eachFile(std, args, func(_ string, r io.Reader) error {
		left := n
		if left == 0 {
			return nil
		}
		return eachLine(r, func(line string) bool {
			fmt.Fprintln(w, line)
			left--
			return left > 0
		})
	})
	if err != nil {
		w.Flush()
		return err
	}
	return w.Flush()
}

// wc counts lines, words and bytes: -l, -w, -c, or all three.
func wc(std stdio, args []string) error {
	set, args, err := options(args, "lwc")
	if err != nil {
		return err
	}
	return eachFile(std, args, func(name string, r io.Reader) error {
		var lines, words, size int
		in := bufio.NewReader(r)
		for {
			line, err := in.ReadString('\n')
			size += len(line)
			words += len(strings.Fields(line))
			if err != nil {
				if !errors.Is(err, io.EOF) {
					return err
				}
				break
			}
			lines++
		}
		var all []string
		for _, c := range []struct {
			letter rune
			n      int
		}{{'l', lines}, {'w', words}, {'c', size}} {
			if len(set) == 0 || set[c.letter] {
				all = append(all, strconv.Itoa(c.n))
			}
		}
		if name != "-" {
			all = append(all, name)
		}
		_, err := fmt.Fprintln(std.out, strings.Join(all, " "))
		return err
	})
}
