/* serve.c - see serve.h. */
#include "base/util.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

typedef int main_function(int argc, char **argv, char **env);
typedef int start_function(main_function *, int, char **, void (*)(void), void (*)(void),
			   void (*)(void), void *);

/* glibc's, which calls main: ours stands before it. */
__attribute__((visibility("default"))) int __libc_start_main(main_function *, int, char **,
							     void (*)(void), void (*)(void),
							     void (*)(void), void *);

static main_function *real_main;
static volatile pid_t child;
static volatile sig_atomic_t hung;

static void on_alarm(int number UNUSED)
{
	hung = 1;
	kill(-child, SIGKILL);
	kill(child, SIGKILL);
}

/* A line of the socket without its end; false when there is none. */
static bool next_line(int from, char *line, size_t room)
{
	size_t n = 0;

	while (n + 1 < room && read(from, line + n, 1) == 1) {
		if (line[n] == '\n') {
			line[n] = '\0';
			return true;
		}
		n++;
	}
	return false;
}

NORETURN static void end(int status)
{
	_exit(status); /* without what the filter registered, which is nothing yet */
}

/* In the child: what main returns. In the server, after the last line, it does not return. */
static int serve(int from, int argc, char **argv, char **env)
{
	char line[256];

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_RESTART},
		  NULL);
	while (next_line(from, line, sizeof(line))) {
		if (!serving.plan(line) || ftruncate(STDERR_FILENO, 0))
			end(125);
		hung = 0;
		child = fork();
		if (child == 0) {
			signal(SIGALRM, SIG_DFL);
			setsid();
			close(from);
			serving.child();
			return real_main(argc, argv, env);
		}
		if (child < 0)
			end(125);
		alarm(serving.seconds);
		int status = serving.follow(child);
		alarm(0);
		dprintf(from, "%d %d %zu\n", status, (int)hung, serving.count());
	}
	end(0);
}

static int main_of_many(int argc, char **argv, char **env)
{
	const char *at = getenv("PIPETTE_SERVE");

	return at ? serve((int)strtol(at, NULL, 10), argc, argv, env) : real_main(argc, argv, env);
}

int __libc_start_main(main_function *run, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	void *found = dlsym(RTLD_NEXT, "__libc_start_main");
	start_function *real;

	memcpy(&real, &found, sizeof(real));
	real_main = run;
	return real(main_of_many, argc, argv, init, fini, rtld_fini, stack_end);
}
