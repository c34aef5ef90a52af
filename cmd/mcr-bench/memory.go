package main

import (
	"encoding/binary"
	"fmt"
	"strings"

	"example.org/mcr/runtime/plan"
)

// word is an argument as a C expression. What has to be moved between
// variables and memory around the call is appended to before and after.
func (g *generator) word(a plan.Arg, before, after *[]string) string {
	switch x := a.(type) {
	case plan.Int:
		return fmt.Sprintf("%dL", int64(x))
	case plan.Flags:
		return fmt.Sprintf("%#xUL", x.Bits)
	case plan.FD:
		return g.reg(plan.Reg(x))
	case plan.Nil:
		return "0"
	case plan.Path:
		return g.object(&memory{bytes: append([]byte(x), 0)})
	case plan.Bytes:
		return g.object(&memory{bytes: []byte(x)})
	case plan.Strings:
		m := &memory{bytes: make([]byte, 8*(len(x)+1)), addrs: map[int]string{}}
		for i, s := range x {
			m.addrs[8*i] = g.object(&memory{bytes: append([]byte(s), 0)})
		}
		return g.object(m)
	case plan.Struct:
		m := &memory{bytes: make([]byte, (x.Size+7)&^7), addrs: map[int]string{}}
		name := g.name()
		g.fields(m, name, 0, x, before, after)
		g.define(name, m)
		return "(word)" + name
	}
	g.err = fmt.Errorf("unknown argument %T", a)
	return "0"
}

// memory is the contents of an object; addrs are the addresses of others in it.
type memory struct {
	bytes []byte
	addrs map[int]string
}

func (m *memory) put(off, size int, v uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	copy(m.bytes[off:off+size], b[:])
}

func (g *generator) fields(m *memory, name string, base int, s plan.Struct, before, after *[]string) {
	for _, f := range s.Fields {
		here := base + f.Off
		if f.Save != 0 {
			*after = append(*after, fmt.Sprintf("%s = INT(%s, %d);", g.reg(f.Save), name, here))
		}
		switch x := f.Val.(type) {
		case plan.Int:
			m.put(here, f.Size, uint64(x))
		case plan.Nil:
		case plan.Flags:
			m.put(here, f.Size, x.Bits)
			if f.Hi != 0 {
				m.put(base+f.Hi, f.Size, x.Bits>>32)
			}
		case plan.FD:
			if f.Save == 0 {
				*before = append(*before, fmt.Sprintf("INT(%s, %d) = %s;", name, here, g.reg(plan.Reg(x))))
			}
		case plan.Struct:
			if f.Inline {
				g.fields(m, name, here, x, before, after)
				continue
			}
			m.addrs[here] = g.word(x, before, after)
		case plan.Path:
			if f.Inline {
				copy(m.bytes[here:], x)
				continue
			}
			m.addrs[here] = g.word(x, before, after)
		case plan.Bytes, plan.Strings:
			m.addrs[here] = g.word(x, before, after)
		}
	}
}

func (g *generator) name() string {
	g.objects++
	return fmt.Sprintf("m%d", g.objects)
}

func (g *generator) object(m *memory) string {
	name := g.name()
	g.define(name, m)
	return "(word)" + name
}

// define writes an object as words, so that an address can stand in it.
func (g *generator) define(name string, m *memory) {
	for len(m.bytes)%8 != 0 {
		m.bytes = append(m.bytes, 0)
	}
	if len(m.bytes) == 0 {
		m.bytes = make([]byte, 8)
	}
	words := make([]string, 0, len(m.bytes)/8)
	for at := 0; at < len(m.bytes); at += 8 {
		if a, ok := m.addrs[at]; ok {
			words = append(words, a)
			continue
		}
		words = append(words, fmt.Sprintf("%#x", binary.LittleEndian.Uint64(m.bytes[at:])))
	}
	fmt.Fprintf(&g.data, "static word %s[] = {%s};\n", name, strings.Join(words, ", "))
}
