/* row_file.c - rows in memory, then in a scratch file; see row_file.h. */
#include "base/util.h"

#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "matrix/row_file.h"

#define HELD ((size_t)4 << 20) /* bytes of rows in memory */

struct row_file row_file_new(size_t width)
{
	return (struct row_file){.width = width, .fd = -1};
}

void row_file_release(struct row_file *f)
{
	if (f->width && f->fd >= 0)
		close(f->fd);
	free(f->held);
	free(f->piece);
	*f = (struct row_file){0};
}

/* Where a row begins in the file, in bytes. */
static uint64_t place_of(const struct row_file *f, size_t row)
{
	return (uint64_t)row * f->width * sizeof(float);
}

static int spill(struct row_file *f, struct err *err)
{
	size_t n = f->n - f->n_in_file;

	if (f->fd < 0)
		f->fd = scratch_open(NULL, err);
	if (f->fd < 0)
		return -1;
	if (write_at(f->fd, f->held, n * f->width * sizeof(float), place_of(f, f->n_in_file)))
		return err_errno(err, "scratch file of rows");
	f->n_in_file = f->n;
	return 0;
}

int row_file_add(struct row_file *f, const float *rows, size_t n, struct err *err)
{
	size_t held = f->n - f->n_in_file;

	MEM_GROW(f->held, mem_product(held + n, f->width) + 1, f->cap);
	if (n)
		memcpy(f->held + held * f->width, rows, n * f->width * sizeof(*rows));
	f->n += n;
	return (held + n) * f->width * sizeof(*rows) > HELD ? spill(f, err) : 0;
}

const float *row_file_at(struct row_file *f, size_t first, size_t n, struct err *err)
{
	size_t stored = first < f->n_in_file ? MIN(n, f->n_in_file - first) : 0;

	if (first + n > f->n)
		BUG("rows %zu to %zu of %zu", first, first + n, f->n);
	if (!stored)
		return f->held + (first - f->n_in_file) * f->width;
	MEM_GROW(f->piece, n * f->width, f->cap_piece);
	if (read_at(f->fd, f->piece, stored * f->width * sizeof(float), place_of(f, first))) {
		err_errno(err, "scratch file of rows");
		return NULL;
	}
	if (stored < n)
		memcpy(f->piece + stored * f->width, f->held,
		       (n - stored) * f->width * sizeof(float));
	return f->piece;
}
