package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// A reader walks JSON token by token, so that an error can name the field and
// the line: encoding/json by itself says of an unknown field only its last name.
type reader struct {
	src []byte
	dec *json.Decoder
	pos int // of the last token
}

func newReader(src []byte) *reader {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	return &reader{src: src, dec: dec}
}

// token reads a token and remembers where it starts.
func (r *reader) token(path string) (json.Token, error) {
	r.pos = int(r.dec.InputOffset())
	for r.pos < len(r.src) && bytes.IndexByte([]byte(" \t\r\n,:"), r.src[r.pos]) >= 0 {
		r.pos++
	}
	tok, err := r.dec.Token()
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return tok, nil
	case errors.As(err, &syntax):
		r.pos = max(r.pos, min(int(syntax.Offset)-1, len(r.src)))
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		r.pos = len(r.src)
		err = errors.New("the text ends too early")
	}
	return nil, r.fail(path, "%w", err)
}

// fail returns an error about a field, at the last token.
func (r *reader) fail(path, format string, args ...any) error {
	before := r.src[:min(r.pos, len(r.src))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	if path == "" {
		path = "profile"
	}
	return fmt.Errorf("line %d, column %d: %s: %w", line, column, path, fmt.Errorf(format, args...))
}

// wrong says what was wanted and what is there.
func (r *reader) wrong(path, want string, tok json.Token) error {
	have := "an object"
	switch t := tok.(type) {
	case nil:
		have = "null"
	case bool:
		have = strconv.FormatBool(t)
	case json.Number:
		have = "the number " + t.String()
	case string:
		have = "the string " + strconv.Quote(t)
	case json.Delim:
		if t == '[' {
			have = "a list"
		}
	}
	return r.fail(path, "want %s, have %s", want, have)
}

// object reads an object, or null, and calls field for each of its keys; field
// reads the value and says whether it knows the key.
func (r *reader) object(path string, field func(key, path string) (bool, error)) error {
	tok, err := r.token(path)
	if err != nil || tok == nil {
		return err
	}
	if tok != json.Delim('{') {
		return r.wrong(path, "an object", tok)
	}
	var seen []string
	for r.dec.More() {
		tok, err := r.token(path)
		if err != nil {
			return err
		}
		key, _ := tok.(string) // the decoder takes nothing else for a key
		at := key
		if path != "" {
			at = path + "." + key
		}
		if slices.Contains(seen, key) {
			return r.fail(at, "given twice")
		}
		seen = append(seen, key)
		pos := r.pos
		known, err := field(key, at)
		if err != nil {
			return err
		}
		if !known {
			r.pos = pos
			return r.fail(at, "unknown field")
		}
	}
	_, err = r.token(path)
	return err
}

// list reads a list, or null, and calls item for each of its members.
func (r *reader) list(path string, item func(path string) error) error {
	tok, err := r.token(path)
	if err != nil || tok == nil {
		return err
	}
	if tok != json.Delim('[') {
		return r.wrong(path, "a list", tok)
	}
	for i := 0; r.dec.More(); i++ {
		if err := item(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err = r.token(path)
	return err
}

func (r *reader) text(path string, to *string) error {
	tok, err := r.token(path)
	if err != nil {
		return err
	}
	s, ok := tok.(string)
	if !ok {
		return r.wrong(path, "a string", tok)
	}
	*to = s
	return nil
}

func (r *reader) texts(path string, to *[]string) error {
	return r.list(path, func(path string) error {
		var s string
		err := r.text(path, &s)
		*to = append(*to, s)
		return err
	})
}

// number reads a number from 0 to limit.
func (r *reader) number(path string, limit uint64, to *uint64) error {
	tok, err := r.token(path)
	if err != nil {
		return err
	}
	n, ok := tok.(json.Number)
	if !ok {
		return r.wrong(path, "a number", tok)
	}
	v, err := strconv.ParseUint(n.String(), 10, 64)
	if err != nil || v > limit {
		return r.fail(path, "want a number from 0 to %d, have %s", limit, n)
	}
	*to = v
	return nil
}

// end says whether anything follows the value.
func (r *reader) end() error {
	r.pos = int(r.dec.InputOffset())
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.fail("", "something follows the object")
	}
	return nil
}
