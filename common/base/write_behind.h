/* write_behind.h - blocks of a file, written while the caller goes on.
 *
 * Two threads bring blocks to their places. In a file that is to last, whole pages go straight to
 * the disk (O_DIRECT), where the file system can: they cost no copy and no fresh page of memory,
 * leave what others have in the page cache alone, and the sync at the end finds nothing to do.
 * Where that is refused, or the first bytes of a file show that it is much slower than the usual
 * way (memory, some storage over a network), it is not done. What does not fill pages is written as
 * usual, and its way to the disk begins early. What another file has is only named, and read by
 * those threads too.
 *
 *	struct behind *b = behind_new(path, block_bytes, true, &err);
 *	void *room = behind_room(b);               // fill it
 *	behind_write(b, room, n, at, &err);        // hands it over; then take the next room
 *	behind_copy(b, fd, from_at, n, at, &err);  // the same of what is in another file
 *	if (behind_drain(b, &err)) ...             // all is written, or why not
 *	behind_free(b);
 */
#ifndef BASE_WRITE_BEHIND_H
#define BASE_WRITE_BEHIND_H

#include "base/err.h"

struct behind;

/* 'path' exists; it is opened again here. Blocks are at most 'block_bytes'. */
struct behind *behind_new(const char *path, size_t block_bytes, bool lasting,
			  struct err *err) MUST_USE;

/* Waits for blocks on their way, drops what is still to be copied, frees every room. */
void behind_free(struct behind *b);

/* Room for a block, its contents undefined. Waits while too many blocks are on their way. */
void *behind_room(struct behind *b);
void behind_give_back(struct behind *b, void *room); /* unused; NULL is fine */
size_t behind_room_bytes(const struct behind *b);

/*
 * Write the first 'n' bytes of a room at 'at'. The room is taken in any case. A failure may show
 * at a later call: at the latest when drained.
 */
int behind_write(struct behind *b, void *room, size_t n, uint64_t at, struct err *err) MUST_USE;

/*
 * Write the 'n' bytes that a file has from 'from_at' on. This returns before they are read: the file
 * must stay as it is until drained, but 'from' may be closed. A file that is too short by now is an
 * error at once, one that becomes so a failure like those of writing. Pieces of one file, one after the
 * other, share a descriptor; this waits when ten thousand of them are ahead.
 */
int behind_copy(struct behind *b, int from, uint64_t from_at, uint64_t n, uint64_t at,
		struct err *err) MUST_USE;

int behind_drain(struct behind *b, struct err *err) MUST_USE;

#endif
