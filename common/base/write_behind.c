/* write_behind.c - see write_behind.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/write_behind.h"

#define PAGE ((size_t)4096)
#define THREADS 2
#define MOST_WAITING 8    /* blocks on their way, those being written included */
#define MOST_RANGES 16384 /* waiting to be copied */
#define SYNC_BYTES ((uint64_t)8 << 20)
#define RESERVE_LEAST ((uint64_t)8 << 20)
#define RESERVE_MOST ((uint64_t)64 << 20)
#define MUCH_SLOWER 2

struct behind_block {
	void *bytes;
	size_t n;
	uint64_t at;
	struct behind_block *next; /* waiting to be written, or spare */
	struct behind_block *made_before;
};

/* A file to copy from, open as long as it has users: the last one named, ranges, and pieces. */
struct behind_source {
	int fd;
	struct stat st;
	size_t n_users;
};

/* What is to be copied. The threads take it piece by piece, from its front. */
struct behind_range {
	struct behind_source *from;
	uint64_t from_at, n, at;
	struct behind_range *next;
};

enum route { DIRECT, PLAIN, N_ROUTES };

/* What goes each way until it is known which is quicker: more the way that most often is. */
static const uint64_t tried_bytes[N_ROUTES] = {(uint64_t)16 << 20, (uint64_t)8 << 20};

/* How quick a way to the disk is: what it was given, and what came of it so far. */
struct pace {
	uint64_t given, written;
	double seconds;
};

struct behind {
	int plain, direct; /* the same file; direct is -1 where that cannot be */
	bool lasting, reserves;
	size_t block_bytes;
	pthread_mutex_t lock;
	pthread_cond_t has_work, is_done;
	pthread_t threads[THREADS];
	size_t n_threads;
	struct behind_block *first, **last; /* waiting */
	struct behind_block *spare, *made;  /* without a use; all there are */
	size_t n_waiting;
	struct behind_range *first_range, **last_range; /* waiting */
	struct behind_source *source;                   /* of the last range, or NULL */
	size_t n_ranges, n_copying;
	bool stop;
	int failed;                /* errno of the first failure, */
	const char *what;          /* and what could not be done */
	uint64_t reserved, synced; /* the file has room, is on its way to the disk, up to here */
	struct pace paces[N_ROUTES];
};

/* ---- one block ---------------------------------------------------------------------------- */

/*
 * Only within the file's size do direct writes run beside each other. What is reserved too much
 * the owner cuts off; where nothing can be reserved, writing says what is wrong.
 */
static void reserve(struct behind *b, uint64_t at, uint64_t end)
{
	uint64_t to = end + MIN(MAX(end, RESERVE_LEAST), RESERVE_MOST);
	bool due;

	pthread_mutex_lock(&b->lock);
	due = b->reserves && end > b->reserved;
	b->reserved = due ? to : b->reserved;
	pthread_mutex_unlock(&b->lock);
	if (due)
		fallocate(b->direct, 0, (off_t)at, (off_t)(to - at));
}

/* Ask the system to begin writing what is there, so that the final sync has little left to do. */
static void sync_early(struct behind *b, uint64_t end)
{
	uint64_t from;
	bool due;

	pthread_mutex_lock(&b->lock);
	from = b->synced;
	due = b->lasting && end > from + SYNC_BYTES;
	b->synced = due ? end : from;
	pthread_mutex_unlock(&b->lock);
	if (due)
		sync_file_range(b->plain, (off_t)from, (off_t)(end - from), SYNC_FILE_RANGE_WRITE);
}

static bool is_much_slower(const struct pace *p, const struct pace *other)
{
	double seconds = p->seconds * (double)other->written;

	return p->written == 0 || seconds > MUCH_SLOWER * other->seconds * (double)p->written;
}

/*
 * Not every file system is good at being written past its cache. The first bytes of a file go one
 * way, the next the other, and are timed; the rest goes past the cache unless that was much slower.
 * 'is_tried' when this block is to be timed.
 */
static enum route route_of(struct behind *b, const struct behind_block *block, bool *is_tried)
{
	enum route route = DIRECT;

	*is_tried = false;
	if (b->direct < 0 || (block->at | block->n) % PAGE)
		return PLAIN;
	pthread_mutex_lock(&b->lock);
	while (route < N_ROUTES && b->paces[route].given >= tried_bytes[route])
		route++;
	*is_tried = route < N_ROUTES;
	if (*is_tried)
		b->paces[route].given += block->n;
	else
		route = is_much_slower(&b->paces[DIRECT], &b->paces[PLAIN]) ? PLAIN : DIRECT;
	pthread_mutex_unlock(&b->lock);
	return route;
}

static void keep_pace(struct behind *b, enum route route, uint64_t written, double began)
{
	pthread_mutex_lock(&b->lock);
	b->paces[route].written += written;
	b->paces[route].seconds += clock_seconds() - began;
	pthread_mutex_unlock(&b->lock);
}

/* 0 or an errno; EINVAL and EOPNOTSUPP are refusals. */
static int write_direct(struct behind *b, const struct behind_block *block)
{
	reserve(b, block->at, block->at + block->n);
	return write_at(b->direct, block->bytes, block->n, block->at) ? errno : 0;
}

/* 0 or an errno. What is timed waits for the disk, as the other does. */
static int write_plain(struct behind *b, const struct behind_block *block, bool is_tried)
{
	if (write_at(b->plain, block->bytes, block->n, block->at))
		return errno;
	if (is_tried)
		return fdatasync(b->plain) && errno != EINVAL ? errno : 0;
	sync_early(b, block->at + block->n);
	return 0;
}

static int write_block(struct behind *b, const struct behind_block *block)
{
	double began = clock_seconds();
	bool is_tried;
	enum route route = route_of(b, block, &is_tried);
	int why = route == DIRECT ? write_direct(b, block) : write_plain(b, block, is_tried);

	if (is_tried && !why)
		keep_pace(b, route, block->n, began);
	if (route == DIRECT && (why == EINVAL || why == EOPNOTSUPP))
		why = write_plain(b, block, false);
	return why;
}

/* ---- ranges of other files ---------------------------------------------------------------- */

/* This and the next two are called with the lock held. */
static void leave_source(struct behind_source *s)
{
	if (!s || --s->n_users)
		return;
	close(s->fd);
	free(s);
}

static void drop_first(struct behind *b)
{
	struct behind_range *r = b->first_range;

	b->first_range = r->next;
	if (!b->first_range)
		b->last_range = &b->first_range;
	b->n_ranges--;
	leave_source(r->from);
	free(r);
}

/* The front of the first range. */
static struct behind_range take_piece(struct behind *b)
{
	struct behind_range *r = b->first_range, piece = *r;

	piece.n = MIN(r->n, b->block_bytes);
	if (piece.n > PAGE)
		piece.n -= piece.n % PAGE; /* what is left over follows by itself */
	r->from_at += piece.n;
	r->at += piece.n;
	r->n -= piece.n;
	piece.from->n_users++;
	if (!r->n)
		drop_first(b);
	return piece;
}

/* 0 or an errno. */
static int copy_piece(struct behind *b, const struct behind_range *p, void *room, const char **what)
{
	struct behind_block block = {.bytes = room, .n = p->n, .at = p->at};
	int cut = read_at(p->from->fd, room, p->n, p->from_at);

	if (!cut)
		return write_block(b, &block);
	*what = cut > 0 ? "what is copied ends too early" : "what is copied cannot be read";
	return errno;
}

/* ---- the threads -------------------------------------------------------------------------- */

static struct behind_block *take_waiting(struct behind *b)
{
	struct behind_block *block = b->first;

	b->first = block->next;
	if (!b->first)
		b->last = &b->first;
	return block;
}

static void put_spare(struct behind *b, struct behind_block *block)
{
	block->next = b->spare;
	b->spare = block;
}

static void note_failure(struct behind *b, int why, const char *what)
{
	if (b->failed || !why)
		return;
	b->failed = why;
	b->what = what;
}

/* In huge pages, where there are any, a block goes to the disk in few and large pieces. */
static void *huge_room(const struct behind *b)
{
	void *room = mem_aligned((size_t)2 << 20, b->block_bytes);

	madvise(room, b->block_bytes, MADV_HUGEPAGE);
	return room;
}

/* This and the next are called, and return, with the lock held. */
static void do_block(struct behind *b)
{
	struct behind_block *block = take_waiting(b);
	int why = b->failed;

	pthread_mutex_unlock(&b->lock);
	if (!why)
		why = write_block(b, block);
	pthread_mutex_lock(&b->lock);
	note_failure(b, why, "cannot be written");
	put_spare(b, block);
	b->n_waiting--;
}

static void do_piece(struct behind *b, void **room)
{
	struct behind_range piece = take_piece(b);
	const char *what = "cannot be written";
	int why = b->failed;

	b->n_copying++;
	pthread_mutex_unlock(&b->lock);
	*room = *room ? *room : huge_room(b);
	if (!why)
		why = copy_piece(b, &piece, *room, &what);
	pthread_mutex_lock(&b->lock);
	note_failure(b, why, what);
	leave_source(piece.from);
	b->n_copying--;
}

/* Blocks first: their rooms are wanted again. */
static void *write_blocks(void *arg)
{
	struct behind *b = arg;
	void *room = NULL; /* for pieces of ranges */

	pthread_mutex_lock(&b->lock);
	while (b->first || b->first_range || !b->stop) {
		if (b->first)
			do_block(b);
		else if (b->first_range)
			do_piece(b, &room);
		else {
			pthread_cond_wait(&b->has_work, &b->lock);
			continue;
		}
		pthread_cond_broadcast(&b->is_done);
	}
	pthread_mutex_unlock(&b->lock);
	free(room);
	return NULL;
}

static void start_threads(struct behind *b)
{
	while (b->n_threads < THREADS &&
	       pthread_create(&b->threads[b->n_threads], NULL, write_blocks, b) == 0)
		b->n_threads++;
	if (b->n_threads == 0)
		BUG("no thread can be started");
}

/* ---- the caller's side -------------------------------------------------------------------- */

struct behind *behind_new(const char *path, size_t block_bytes, bool lasting, struct err *err)
{
	struct behind *b = mem_zero(1, sizeof(*b));
	struct rlimit most;

	b->plain = open(path, O_WRONLY | O_CLOEXEC);
	b->direct = lasting ? open(path, O_WRONLY | O_CLOEXEC | O_DIRECT) : -1;
	b->lasting = lasting;
	b->reserves = getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur == RLIM_INFINITY;
	b->block_bytes = (block_bytes + PAGE - 1) / PAGE * PAGE;
	b->last = &b->first;
	b->last_range = &b->first_range;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->has_work, NULL);
	pthread_cond_init(&b->is_done, NULL);
	if (b->plain >= 0)
		return b;
	err_errno(err, "%s", path);
	behind_free(b);
	return NULL;
}

void behind_free(struct behind *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	while (b->first_range)
		drop_first(b);
	leave_source(b->source);
	b->stop = true;
	pthread_cond_broadcast(&b->has_work);
	pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < b->n_threads; i++)
		pthread_join(b->threads[i], NULL);
	for (struct behind_block *block = b->made, *before; block; block = before) {
		before = block->made_before;
		free(block->bytes);
		free(block);
	}
	if (b->plain >= 0)
		close(b->plain);
	if (b->direct >= 0)
		close(b->direct);
	pthread_cond_destroy(&b->has_work);
	pthread_cond_destroy(&b->is_done);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* ---- rooms -------------------------------------------------------------------------------- */

static struct behind_block *make_block(struct behind *b)
{
	struct behind_block block = {.bytes = huge_room(b), .made_before = b->made};

	return b->made = mem_copy(&block, 1, sizeof(block));
}

void *behind_room(struct behind *b)
{
	struct behind_block *block;

	pthread_mutex_lock(&b->lock);
	while (!b->spare && b->n_waiting >= MOST_WAITING)
		pthread_cond_wait(&b->is_done, &b->lock);
	block = b->spare ? b->spare : make_block(b);
	b->spare = block == b->spare ? block->next : b->spare;
	pthread_mutex_unlock(&b->lock);
	return block->bytes;
}

size_t behind_room_bytes(const struct behind *b)
{
	return b->block_bytes;
}

/* Called with the lock held. */
static struct behind_block *block_of(const struct behind *b, const void *room)
{
	struct behind_block *block = b->made;

	while (block && block->bytes != room)
		block = block->made_before;
	if (!block)
		BUG("a room of another file");
	return block;
}

void behind_give_back(struct behind *b, void *room)
{
	if (!room)
		return;
	pthread_mutex_lock(&b->lock);
	put_spare(b, block_of(b, room));
	pthread_mutex_unlock(&b->lock);
}

/* What the first failure was, if there was one. */
static int tell_failure(struct behind *b, struct err *err)
{
	pthread_mutex_lock(&b->lock);
	int failed = b->failed;
	const char *what = b->what;
	pthread_mutex_unlock(&b->lock);
	errno = failed;
	return failed ? err_errno(err, "%s", what) : 0;
}

int behind_write(struct behind *b, void *room, size_t n, uint64_t at, struct err *err)
{
	struct behind_block *block;

	start_threads(b);
	pthread_mutex_lock(&b->lock);
	block = block_of(b, room);
	block->n = n;
	block->at = at;
	block->next = NULL;
	*b->last = block;
	b->last = &block->next;
	b->n_waiting++;
	pthread_cond_signal(&b->has_work);
	pthread_mutex_unlock(&b->lock);
	return tell_failure(b, err);
}

/* Many ranges of one file, one descriptor. -1 with errno set. Called with the lock held. */
static int name_source(struct behind *b, int from, const struct stat *st)
{
	int fd;

	if (b->source && b->source->st.st_dev == st->st_dev && b->source->st.st_ino == st->st_ino)
		return 0;
	leave_source(b->source);
	b->source = NULL;
	while ((fd = fcntl(from, F_DUPFD_CLOEXEC, 0)) < 0 && errno == EMFILE &&
	       (b->first_range || b->n_copying))
		pthread_cond_wait(&b->is_done, &b->lock); /* those will leave theirs */
	if (fd >= 0)
		b->source = mem_copy(&(struct behind_source){fd, *st, 1}, 1, sizeof(*b->source));
	return fd >= 0 ? 0 : -1;
}

int behind_copy(struct behind *b, int from, uint64_t from_at, uint64_t n, uint64_t at,
		struct err *err)
{
	struct behind_range *r;
	struct stat st;
	int failed;

	if (fstat(from, &st))
		return err_errno(err, "cannot be read");
	if (from_at > (uint64_t)st.st_size || n > (uint64_t)st.st_size - from_at)
		return err_set(err, "the file ends within the data");
	if (!n)
		return 0;
	start_threads(b);
	pthread_mutex_lock(&b->lock);
	while (b->n_ranges >= MOST_RANGES)
		pthread_cond_wait(&b->is_done, &b->lock);
	failed = name_source(b, from, &st);
	if (!failed) {
		r = mem_copy(&(struct behind_range){b->source, from_at, n, at, NULL}, 1,
			     sizeof(*r));
		r->from->n_users++;
		*b->last_range = r;
		b->last_range = &r->next;
		b->n_ranges++;
		pthread_cond_broadcast(&b->has_work);
	}
	pthread_mutex_unlock(&b->lock);
	return failed ? err_errno(err, "cannot be read") : tell_failure(b, err);
}

int behind_drain(struct behind *b, struct err *err)
{
	pthread_mutex_lock(&b->lock);
	while (b->n_waiting || b->first_range || b->n_copying)
		pthread_cond_wait(&b->is_done, &b->lock);
	pthread_mutex_unlock(&b->lock);
	return tell_failure(b, err);
}
