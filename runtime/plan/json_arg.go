package plan

import (
	"errors"
	"fmt"

	"example.org/mcr/runtime/sys"
)

// argJSON is an argument: exactly one of its fields is set. Strings are bytes,
// because a path need not be UTF-8.
type argJSON struct {
	Int     *int64      `json:"int,omitempty"`
	Path    *[]byte     `json:"path,omitempty"`
	Bytes   *[]byte     `json:"bytes,omitempty"`
	Strings *[][]byte   `json:"strings,omitempty"`
	FD      *Reg        `json:"fd,omitempty"`
	Null    bool        `json:"null,omitempty"`
	Flags   *flagsJSON  `json:"flags,omitempty"`
	Struct  *structJSON `json:"struct,omitempty"`
}

type flagsJSON struct {
	Set  string `json:"set"`
	Bits uint64 `json:"bits"`
}

type structJSON struct {
	Size   int         `json:"size,omitempty"`
	Array  bool        `json:"array,omitempty"`
	Fields []fieldJSON `json:"fields"`
}

type fieldJSON struct {
	Name   string  `json:"name,omitempty"`
	Off    int     `json:"off,omitempty"`
	Size   int     `json:"size,omitempty"`
	Val    argJSON `json:"val"`
	Form   Form    `json:"form,omitempty"`
	Inline bool    `json:"inline,omitempty"`
	Hi     int     `json:"hi,omitempty"`
	Save   Reg     `json:"save,omitempty"`
}

func saveArg(a Arg) argJSON {
	switch x := a.(type) {
	case Int:
		n := int64(x)
		return argJSON{Int: &n}
	case Path:
		b := []byte(x)
		return argJSON{Path: &b}
	case Bytes:
		b := []byte(x)
		return argJSON{Bytes: &b}
	case Strings:
		list := make([][]byte, len(x))
		for i, s := range x {
			list[i] = []byte(s)
		}
		return argJSON{Strings: &list}
	case FD:
		r := Reg(x)
		return argJSON{FD: &r}
	case Nil:
		return argJSON{Null: true}
	case Flags:
		return argJSON{Flags: &flagsJSON{x.Set.Name, x.Bits}}
	case Struct:
		s := &structJSON{Size: x.Size, Array: x.Array}
		for _, f := range x.Fields {
			s.Fields = append(s.Fields, fieldJSON{f.Name, f.Off, f.Size, saveArg(f.Val), f.Form, f.Inline, f.Hi, f.Save})
		}
		return argJSON{Struct: s}
	}
	panic(fmt.Sprintf("plan: unknown argument %T", a))
}

func loadArg(j *argJSON) (Arg, error) {
	switch {
	case j.Int != nil:
		return Int(*j.Int), nil
	case j.Path != nil:
		return Path(*j.Path), nil
	case j.Bytes != nil:
		return Bytes(*j.Bytes), nil
	case j.Strings != nil:
		list := make(Strings, len(*j.Strings))
		for i, b := range *j.Strings {
			list[i] = string(b)
		}
		return list, nil
	case j.FD != nil:
		return FD(*j.FD), nil
	case j.Null:
		return Nil{}, nil
	case j.Flags != nil:
		set, ok := sys.LookupFlags(j.Flags.Set)
		if !ok {
			return nil, fmt.Errorf("flags of the kind %q: unknown", j.Flags.Set)
		}
		return Flags{j.Flags.Bits, set}, nil
	case j.Struct != nil:
		return loadStruct(j.Struct)
	}
	return nil, errors.New("an argument of no kind")
}

// maxStruct bounds what a saved plan may make us allocate.
const maxStruct = 4096

func loadStruct(j *structJSON) (Arg, error) {
	s := Struct{Size: j.Size, Array: j.Array}
	for i := range j.Fields {
		f := &j.Fields[i]
		v, err := loadArg(&f.Val)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		s.Fields = append(s.Fields, Field{f.Name, f.Off, f.Size, v, f.Form, f.Inline, f.Hi, f.Save})
	}
	return s, nil
}

// inside reports an error if a field of s lies outside of size bytes, or has a
// form that does not fit what it holds.
func (s Struct) inside(base, size int) error {
	for _, f := range s.Fields {
		at, n := base+f.Off, f.Size
		sub, nested := f.Val.(Struct)
		if nested && f.Inline {
			if err := sub.inside(at, size); err != nil {
				return err
			}
			continue
		}
		if f.Off < 0 || at < 0 || n < 1 || n > 8 && !f.Inline || at+n > size || f.Hi != 0 && (f.Hi < 0 || base+f.Hi+4 > size) {
			return fmt.Errorf("field %q at %d lies outside of its %d bytes", f.Name, at, size)
		}
		if p, ok := f.Val.(Path); ok && f.Inline && len(p) >= n {
			return fmt.Errorf("field %q holds at most %d bytes", f.Name, n-1)
		}
		_, isBytes := f.Val.(Bytes)
		_, isInt := f.Val.(Int)
		if f.Form == Program != isBytes && f.Form != Plain || f.Form == SigSet && !isInt || f.Form > Result || f.Save != 0 && n != 4 {
			return fmt.Errorf("field %q: a form that does not fit", f.Name)
		}
	}
	return nil
}
