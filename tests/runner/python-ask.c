/* python-ask.c - one Python program, run by tests/runner/python-server: what `python3` would do.
 *
 *	python-ask SOCKET [-c PROGRAM | FILE | -] ARGUMENT...
 *
 * The server has h5py and numpy loaded, and forks; starting a Python that loads them costs twenty
 * times as much. The program gets this process's folder, arguments, environment, umask, and standard
 * input, output and error themselves (they are passed over the socket). Its exit status becomes
 * ours, or 128 and its signal. The real one runs what the server does not know (an option of
 * Python's, a file that is not there), and everything when the server is gone.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

extern char **environ;

/* Words, each ended by a NUL. */
struct request {
	char *bytes;
	size_t n;
};

static void add(struct request *r, const char *word)
{
	size_t n = strlen(word) + 1;

	r->bytes = realloc(r->bytes, r->n + n);
	if (!r->bytes) {
		perror("python-ask");
		exit(70);
	}
	memcpy(r->bytes + r->n, word, n);
	r->n += n;
}

static void add_number(struct request *r, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	add(r, text);
}

/* umask, folder, how many arguments, the arguments, the environment. */
static int make_request(struct request *r, int argc, char **argv)
{
	char *folder = getcwd(NULL, 0);
	mode_t mask = umask(0);

	umask(mask);
	if (!folder)
		return -1;
	add_number(r, (unsigned)mask);
	add(r, folder);
	add_number(r, (unsigned)argc);
	for (int i = 0; i < argc; i++)
		add(r, argv[i]);
	for (char **e = environ; *e; e++)
		add(r, *e);
	free(folder);
	return 0;
}

static int call(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	return connect(s, (struct sockaddr *)&address, sizeof(address)) ? -1 : s;
}

/* The length of the request, and with it our three descriptors. */
static int send_head(int s, uint32_t length)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct iovec io = {&length, sizeof(length)};
	struct msghdr message = {.msg_iov = &io,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(3 * sizeof(int));
	memcpy(CMSG_DATA(c), (int[]){0, 1, 2}, 3 * sizeof(int));
	return sendmsg(s, &message, MSG_NOSIGNAL) == sizeof(length) ? 0 : -1;
}

static int send_all(int s, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = send(s, bytes, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct request r = {0};
	unsigned char status;
	ssize_t got;
	int s;

	if (argc < 3) {
		fputs("python-ask: SOCKET [-c PROGRAM | FILE | -] ARGUMENT...\n", stderr);
		return 2;
	}
	if (argv[2][0] == '-' ? argv[2][1] != '\0' && strcmp(argv[2], "-c") != 0
			      : access(argv[2], R_OK) != 0)
		goto real;
	s = call(argv[1]);
	if (s < 0 || make_request(&r, argc - 2, argv + 2))
		goto real;
	if (send_head(s, (uint32_t)r.n) || send_all(s, r.bytes, r.n))
		goto real;
	free(r.bytes);
	do
		got = read(s, &status, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1)
		return status;
	fputs("python-ask: the server is gone\n", stderr);
	return 70;
real:
	argv[1] = PYTHON;
	execv(PYTHON, argv + 1);
	perror(PYTHON);
	return 70;
}
