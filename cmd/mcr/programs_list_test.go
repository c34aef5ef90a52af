//go:build linux

package main_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
)

// A realProgram is a program of a distribution: what is run, and a line that it is to
// print. It must end with 0 and print nothing to stderr.
type realProgram struct {
	name, want string
	argv       []string
}

func shell(name, script, want string) realProgram {
	return realProgram{name, want, []string{"sh", "-c", script}}
}

var alpinePrograms = []realProgram{
	shell("sh", `n=0; for i in 1 2 3; do n=$((n+i)); done; echo "sum $n"; (exit 3) || echo "status $?"`, "sum 6"),
	shell("pipes", `seq 100 | grep 7 | sed s/7/x/ | awk 'END { print NR, "lines" }'`, "19 lines"),
	shell("files", `cd /tmp; mkdir -p a/b; echo x >a/b/c; cp -a a d; mv d e; ln -s e/b/c l; chmod 640 e/b/c; stat -c %a e/b/c; cat l; rm -r a e l; ls | wc -l`, "640"),
	shell("jobs", `sleep 9 & p=$!; kill $p; wait $p 2>/dev/null; echo "killed $?"`, "killed 143"),
	shell("tar", `tar -czf /tmp/a.tgz -C /etc apk; tar -tzf /tmp/a.tgz | grep -c apk/arch; sha256sum /tmp/a.tgz | wc -c`, "1"),
	shell("proc", `ps | grep -c '[p]s$'; readlink /proc/self/exe; mount | grep -c ' / '`, "/bin/busybox"),
	{"apk --version", "apk-tools", []string{"apk", "--version"}},
	{"apk info", "musl", []string{"apk", "info", "--repositories-file", "/dev/null"}},
	shell("apk add", `apk add --quiet --allow-untrusted --no-network --repositories-file /dev/null /srv/hello.apk && hello && apk del --quiet hello-mcr && echo deleted`, "hello from a package"),
	{"static Go", "go 4950", []string{"/srv/hello"}},
}

var debianPrograms = []realProgram{
	{"bash", "sum 6", []string{"bash", "-c", `a=(1 2 3); for i in "${a[@]}"; do ((s+=i)); done; echo "sum $s"; diff <(echo a) <(echo a); coproc cat; echo x >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; [[ $l == x ]]`}},
	shell("ls", `ls -l --color=always / >/dev/null && ls -1 / | grep -x usr`, "usr"),
	shell("cp, mv, ln, rm", `cp -a /etc /tmp/e && mv /tmp/e /tmp/f && ln /tmp/f/passwd /tmp/p && cmp /tmp/p /etc/passwd && rm -r /tmp/f && stat -c %h /tmp/p`, "1"),
	shell("sort", `seq 100000 | shuf | sort -n --parallel=4 -S 1M -T /tmp | tail -n 1`, "100000"),
	shell("find, xargs", `find /usr/share/doc -name copyright -print0 | xargs -0 -P 4 cat | wc -c | grep -q ..... && echo many`, "many"),
	shell("timeout", `timeout .1 sleep 9; echo "status $?"`, "status 124"),
	shell("install, truncate, dd", `install -m 640 /etc/passwd /tmp/p && truncate -s 1M /tmp/p && dd if=/tmp/p of=/tmp/q bs=64k status=none && stat -c '%a %s' /tmp/p`, "640 1048576"),
	{"dpkg", "ii  bash", []string{"dpkg", "-l", "bash"}},
	shell("git", `cd /tmp && git init -q r && cd r && git config user.name n && git config user.email m && echo x >f && git add f && git commit -qm first && git log --format=%s && git gc -q`, "first"),
	{"perl", "child 3", []string{"perl", "-e", `my $p = fork // die; exit 3 unless $p; waitpid $p, 0; print "child ", $? >> 8, "\n"; open my $h, "-|", "echo", "pipe" or die; print <$h>; $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select undef, undef, undef, 2`}},
	{"python3 threads", "done 16", []string{"python3", "-c", `
import threading
l, r = threading.Lock(), []
def f(i):
    with l: r.append(i)
t = [threading.Thread(target=f, args=(i,)) for i in range(16)]
[x.start() for x in t]; [x.join() for x in t]
print("done", len(r))`}},
	{"python3 subprocess", "out hi, status 3", []string{"python3", "-c", `
import subprocess
p = subprocess.run(["sh", "-c", "echo hi; exit 3"], capture_output=True, text=True)
print(f"out {p.stdout.strip()}, status {p.returncode}")`}},
	{"python3 tempfile", "1000 bytes", []string{"python3", "-c", `
import tempfile, os, mmap
with tempfile.NamedTemporaryFile() as f, tempfile.TemporaryDirectory() as d:
    f.write(b"x" * 1000); f.flush()
    m = mmap.mmap(f.fileno(), 0); print(len(m), "bytes"); m.close()`}},
	{"python3 json", `{"a": [1, 2]}`, []string{"python3", "-c", `import json; print(json.dumps(json.loads('{"a":[1,2]}')))`}},
	{"python3 multiprocessing", "[1, 4, 9]", []string{"python3", "-c", `
import multiprocessing as m
def f(x): return x * x
with m.Pool(3) as p: print(p.map(f, [1, 2, 3]))`}},
	{"python3 asyncio", "echo b'hello'", []string{"python3", "-c", `
import asyncio
async def serve(r, w):
    w.write(await r.read(5)); await w.drain(); w.close()
async def main():
    s = await asyncio.start_server(serve, "127.0.0.1", 0)
    r, w = await asyncio.open_connection(*s.sockets[0].getsockname())
    w.write(b"hello"); print("echo", await r.read()); w.close(); s.close()
asyncio.run(main())`}},
	{"node", "hello", []string{"node", "-e", `console.log("hello")`}},
	{"node fs", "fs text", []string{"node", "-e", `
const fs = require("fs");
fs.mkdirSync("/tmp/d"); fs.watch("/tmp/d").close();
fs.promises.writeFile("/tmp/d/f", "text").then(() => fs.promises.readFile("/tmp/d/f", "utf8")).then(t => console.log("fs", t))`}},
	{"node worker threads", "worker 42", []string{"node", "-e", `
const { Worker } = require("worker_threads");
new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true }).on("message", m => console.log("worker", m))`}},
	{"node child_process", "child out", []string{"node", "-e", `console.log("child", require("child_process").execSync("echo out").toString().trim())`}},
	{"node http", "http 200", []string{"node", "-e", `
const http = require("http");
const s = http.createServer((q, r) => r.end("x")).listen(0, "127.0.0.1", () => http.get(s.address(), r => { console.log("http", r.statusCode); r.resume(); s.close() }))`}},
	{"static Go", "go 4950", []string{"/srv/hello"}},
}

// staticGo is built by the test, without cgo, and put into both roots.
const staticGo = `package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for i := range 100 {
		wg.Go(func() { _ = make([]byte, 1<<16); mu.Lock(); sum += i; mu.Unlock() })
	}
	wg.Wait()
	runtime.GC()
	out, err := exec.Command("sh", "-c", "echo go").Output()
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { c, _ := net.Dial("tcp", l.Addr().String()); fmt.Fprint(c, "x"); c.Close() }()
	c, err := l.Accept()
	if err != nil {
		panic(err)
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stdout, "%s %d\n", out[:2], sum)
}
`

// helloPackage is an Alpine package, as apk-package(5) has it: two archives,
// each compressed, one after the other. The first has no end mark.
func helloPackage(t *testing.T) []byte {
	t.Helper()
	script := []byte("#!/bin/sh\necho hello from a package\n")
	var data, info bytes.Buffer
	z := gzip.NewWriter(&data)
	w := tar.NewWriter(z)
	put := func(w *tar.Writer, h *tar.Header, text []byte) {
		h.Size, h.Uname, h.Gname = int64(len(text)), "root", "root"
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	put(w, &tar.Header{Typeflag: tar.TypeDir, Name: "usr/", Mode: 0o755}, nil)
	put(w, &tar.Header{Typeflag: tar.TypeDir, Name: "usr/bin/", Mode: 0o755}, nil)
	put(w, &tar.Header{
		Typeflag: tar.TypeReg, Name: "usr/bin/hello", Mode: 0o755,
		PAXRecords: map[string]string{"APK-TOOLS.checksum.SHA1": fmt.Sprintf("%x", sha1.Sum(script))},
	}, script)
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	z = gzip.NewWriter(&info)
	w = tar.NewWriter(z)
	put(w, &tar.Header{Typeflag: tar.TypeReg, Name: ".PKGINFO", Mode: 0o644}, fmt.Appendf(nil,
		"pkgname = hello-mcr\npkgver = 1-r0\npkgdesc = a script\nurl = none\nsize = %d\narch = noarch\nlicense = MIT\ndatahash = %x\n", len(script), sha256.Sum256(data.Bytes())))
	if err := errors.Join(w.Flush(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return append(info.Bytes(), data.Bytes()...)
}
