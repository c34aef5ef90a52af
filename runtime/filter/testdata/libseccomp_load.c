/*
 * Compares our filters with libseccomp's.
 *
 *   libseccomp_load export <rules >program
 *       Rules are numbers: the default action, then a line for each rule:
 *       call, action, count, and as often argument, operator, two values.
 *       The program comes out as struct sock_filter, optimised as a tree.
 *
 *   libseccomp_load time N one.bpf two.bpf
 *       Loads both N times, by turns, each in a child of its own, and prints
 *       for each the median in nanoseconds of seccomp(2): processor time, then
 *       time on the clock.
 *
 * Man pages: seccomp(2), seccomp_rule_add(3), seccomp_export_bpf(3).
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint32_t to_scmp(uint32_t ret)
{
	return ret == SECCOMP_RET_KILL_PROCESS ? SCMP_ACT_KILL_PROCESS : ret;
}

static int export_rules(void)
{
	uint32_t def, action;
	int nr, count;

	if (scanf("%" SCNu32, &def) != 1)
		die("default action");
	scmp_filter_ctx ctx = seccomp_init(to_scmp(def));
	if (!ctx || seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2))
		die("seccomp_init");
	while (scanf("%d %" SCNu32 " %d", &nr, &action, &count) == 3) {
		struct scmp_arg_cmp args[6] = { 0 };
		for (int i = 0; i < count && i < 6; i++) {
			unsigned arg, op;
			if (scanf("%u %u %" SCNu64 " %" SCNu64, &arg, &op,
				  &args[i].datum_a, &args[i].datum_b) != 4)
				die("condition");
			args[i].arg = arg;
			args[i].op = op;
		}
		int rc = seccomp_rule_add_array(ctx, to_scmp(action), nr, count, args);
		if (rc) {
			fprintf(stderr, "rule for %d: %s\n", nr, strerror(-rc));
			return 1;
		}
	}
	return seccomp_export_bpf(ctx, 1) ? 1 : 0;
}

static struct sock_fprog read_program(const char *name)
{
	static struct sock_filter buf[2][4096];
	static int used;
	FILE *f = fopen(name, "rb");
	if (!f)
		die(name);
	struct sock_fprog p = { .filter = buf[used++] };
	p.len = fread(p.filter, sizeof(*p.filter), 4096, f);
	fclose(f);
	return p;
}

static int64_t now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void load(struct sock_fprog *p, int64_t took[2])
{
	int fds[2];
	if (pipe(fds))
		die("pipe");
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(1);
		int64_t cpu = now(CLOCK_THREAD_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, p))
			_exit(1);
		int64_t out[2] = { -cpu, now(CLOCK_MONOTONIC) - wall };
		out[0] += now(CLOCK_THREAD_CPUTIME_ID);
		if (write(fds[1], out, sizeof(out)) != sizeof(out))
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], took, 2 * sizeof(*took)) != 2 * sizeof(*took))
		die("child");
	close(fds[0]);
	waitpid(pid, NULL, 0);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int time_programs(int n, char **names)
{
	struct sock_fprog p[2] = { read_program(names[0]), read_program(names[1]) };
	int64_t *took[2][2];
	for (int i = 0; i < 4; i++)
		took[i / 2][i % 2] = calloc(n, sizeof(int64_t));
	for (int k = 0; k < n; k++)
		for (int i = 0; i < 2; i++) {
			int64_t t[2];
			int which = i ^ (k & 1);
			load(&p[which], t);
			took[which][0][k] = t[0];
			took[which][1][k] = t[1];
		}
	for (int i = 0; i < 2; i++) {
		for (int c = 0; c < 2; c++)
			qsort(took[i][c], n, sizeof(int64_t), by_size);
		printf("%" PRId64 " %" PRId64 "\n", took[i][0][n / 2], took[i][1][n / 2]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "export"))
		return export_rules();
	if (argc == 5 && !strcmp(argv[1], "time"))
		return time_programs(atoi(argv[2]), argv + 3);
	fprintf(stderr, "usage: libseccomp_load export | time N one.bpf two.bpf\n");
	return 2;
}
