//go:build linux

package main

import "io"

// A lineReader reads up to the end of a line and not one byte further: what
// follows may be meant for a command that the line starts.
type lineReader struct{ r io.Reader }

// Read implements io.Reader.
func (l *lineReader) Read(p []byte) (int, error) {
	for n := range p {
		k, err := l.r.Read(p[n : n+1])
		switch {
		case k == 0:
			return n, err
		case p[n] == '\n' || err != nil:
			return n + 1, err
		}
	}
	return len(p), nil
}

// A line is what one read gave.
type line struct {
	text string
	err  error
}

// readLines reads a line whenever it is asked for one, in a goroutine of its
// own, so that a signal is seen while the user is still typing.
func readLines(r io.Reader) (ask chan<- struct{}, lines <-chan line) {
	in := &lineReader{r}
	asks, got := make(chan struct{}), make(chan line)
	go func() {
		for range asks {
			var l line
			buf := make([]byte, 4096)
			for l.err == nil && (l.text == "" || l.text[len(l.text)-1] != '\n') {
				var n int
				n, l.err = in.Read(buf)
				l.text += string(buf[:n])
			}
			got <- l
		}
	}()
	return asks, got
}
