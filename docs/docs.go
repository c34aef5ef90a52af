// Package docs holds the documentation, in English and Spanish, so that the
// programs can show it where there is no network and no source tree. The two
// languages have the same files, the same headings and the same commands;
// the commands are run, and their output compared, by the tests of cmd/mcr.
package docs

import "embed"

// FS has a directory for each language, "en" and "es", of Markdown files. The
// front page of each is README.md.
//
//go:embed en es
var FS embed.FS
