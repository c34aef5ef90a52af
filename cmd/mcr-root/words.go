//go:build linux

package main

import "strings"

// words is what mcr-root says, in English and in Spanish. Without field names
// the compiler asks for both.
var words = map[string]struct{ en, es string }{
	"usage":   {"usage: mcr-root default [--lang en|es]", "uso: mcr-root default [--lang en|es]"},
	"lang":    {"there are en and es", "hay en y es"},
	"nocache": {"set XDG_CACHE_HOME or HOME to an absolute path", "ponga en XDG_CACHE_HOME o HOME una ruta absoluta"},
	"again":   {"run it again", "vuelva a ejecutarlo"},
	"cache": {
		"set XDG_CACHE_HOME to a directory that can be written and has room",
		"ponga en XDG_CACHE_HOME un directorio en el que se pueda escribir y haya sitio",
	},
	"box": {
		"install mcr-box beside mcr-root, in ../libexec/mcr or on PATH",
		"instale mcr-box junto a mcr-root, en ../libexec/mcr o en PATH",
	},
}

func say(lang, key string) string {
	if lang == "es" {
		return words[key].es
	}
	return words[key].en
}

// language is the user's, from the environment: English, or Spanish.
func language(getenv func(string) string) string {
	for _, name := range []string{"MCR_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "es") {
				return "es"
			}
			return "en"
		}
	}
	return "en"
}

// A failure is an error and what to do about it, a key of words.
type failure struct {
	hint string
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }
