/* behind.c - what is written behind the caller's back goes the quicker of two ways. */
#include "base/util.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/write_behind.h"
#include "tap.h"

enum { BLOCK = 4 << 20, N_BLOCKS = 12, TRIED_DIRECT = 4, TRIED_PLAIN = 2 };

static atomic_int n_direct, n_plain;
static enum { NONE, DIRECT, PLAIN } slow;

/* libc's, with a disk that is slow one way. */
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	bool direct = fcntl(fd, F_GETFL) & O_DIRECT;

	atomic_fetch_add(direct ? &n_direct : &n_plain, 1);
	if (slow == (direct ? DIRECT : PLAIN))
		usleep(200000);
	return syscall(SYS_pwrite64, fd, bytes, n, at);
}

/* What the real disk takes is not what is tried here. */
int fdatasync(int fd UNUSED)
{
	return 0;
}

/* Are all blocks written, and what they should be? */
static bool write_file(const char *path, bool lasting)
{
	struct err err = ERR_INIT;
	char *got = mem_alloc(BLOCK, 1);
	struct behind *b = behind_new(path, BLOCK, lasting, &err);
	int ret = b ? 0 : -1, fd = open(path, O_RDONLY | O_CLOEXEC);

	n_direct = n_plain = 0;
	for (int i = 0; i < N_BLOCKS && !ret; i++) {
		void *room = behind_room(b);
		memset(room, 1 + i, BLOCK);
		ret = behind_write(b, room, BLOCK, (uint64_t)i * BLOCK, &err);
	}
	if (b && behind_drain(b, &err))
		ret = -1;
	behind_free(b);
	for (int i = 0; i < N_BLOCKS && !ret; i++)
		if (read_at(fd, got, BLOCK, (uint64_t)i * BLOCK) || got[0] != 1 + i ||
		    memcmp(got, got + 1, BLOCK - 1) != 0)
			ret = -1;
	close(fd);
	free(got);
	return ret == 0;
}

int main(void)
{
	char path[] = "/tmp/pipette-behind.XXXXXX";
	int fd = mkstemp(path), direct = open(path, O_WRONLY | O_CLOEXEC | O_DIRECT);
	bool can = direct >= 0;

	close(fd);
	if (can)
		close(direct);
	bool fine = write_file(path, false);
	OK(fine && n_direct == 0 && n_plain == N_BLOCKS, "what need not last is written as usual");
	slow = DIRECT;
	fine = write_file(path, true);
	OK(fine && n_direct == (can ? TRIED_DIRECT : 0) && n_plain == N_BLOCKS - n_direct,
	   "past the cache is tried, is slow, and is left (%d, %d)", n_direct, n_plain);
	slow = PLAIN;
	fine = write_file(path, true);
	OK(fine && n_plain == (can ? TRIED_PLAIN : N_BLOCKS) && n_direct == N_BLOCKS - n_plain,
	   "through it is tried, is slow, and is left (%d, %d)", n_direct, n_plain);
	unlink(path);
	return done_testing();
}
