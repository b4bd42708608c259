/* storage_csr.c - pieces of a matrix stored by row.
 *
 * A batch is planned from the row starts, then the tiles of both datasets that hold its numbers
 * are fetched; that happens beside the decoding of the batch before it. A tile that two batches
 * share is decoded once and kept.
 */
#include "base/util.h"

#include "h5ad/hdf5/tiles.h"
#include "h5ad/storage/storage.h"

enum { GENES, VALUES, N_LANES };

#define STRIPS ((size_t)64)  /* at most so many parts decode a batch */
#define SLICE ((size_t)2048) /* numbers that are unshuffled at once: they stay in the cache */
#define BLOCKS ((size_t)2)   /* a batch of compressed data is so many blocks, to share out better */

/* Stored numbers [from, from + n) belong at 'to' of the piece. */
struct segment {
	size_t from, n, to;
};

struct batch {
	int state; /* 1 ready, 0 the end, -1 failed with 'err' */
	struct err err;
	size_t n_rows, n_segments, n_tiles[N_LANES];
	size_t *rows, *starts; /* n_rows, n_rows + 1 */
	struct segment *segments;
	struct tile *tiles[N_LANES];
	bool first_kept[N_LANES]; /* the first tile is the batch before's last */
	size_t cap_rows, cap_starts, cap_segments, cap_tiles[N_LANES];
};

/* The decoded tile that the next batch may begin with. */
struct kept {
	uint8_t *bytes; /* owned */
	size_t cap;
	bool shuffled;
};

struct csr {
	struct storage base;
	struct task task;
	struct stream_limits batch_limits;
	size_t most_stored; /* of a batch of several rows */
	struct tiles starts_lane, tile_sets[N_LANES];
	struct tiles_ints starts;
	size_t next_row; /* of those asked for */
	size_t checked;  /* row starts up to here have been looked at */
	int64_t start;   /* the row start at 'checked' */
	struct batch batches[2];
	unsigned turn; /* the batch to hand out next; the other is being fetched */
	bool primed;
	struct kept kept[N_LANES][2];
	unsigned kept_turn[N_LANES]; /* which of the two holds the newest */
	struct filter_room rooms[STRIPS];
};

/* ---- planning ----------------------------------------------------------------------------- */

/* Walk the row starts up to that of 'row', checking each. */
static int walk_to(struct csr *s, size_t row, struct err *err)
{
	while (s->checked < row) {
		int64_t next;
		if (tiles_ints_at(&s->starts, s->checked + 1, &next, err))
			return -1;
		if (next < s->start)
			return err_set(err,
				       "%s: it decreases from %lld to %lld at %s %zu (the file is "
				       "damaged)",
				       s->starts_lane.name, (long long)s->start, (long long)next,
				       s->task.row, s->checked);
		if ((uint64_t)next > s->tile_sets[GENES].dims[0])
			return err_set(err,
				       "%s: %s %zu ends at %lld, but %zu values are stored (the "
				       "file is damaged)",
				       s->starts_lane.name, s->task.row, s->checked,
				       (long long)next, s->tile_sets[GENES].dims[0]);
		s->start = next;
		s->checked++;
	}
	return 0;
}

static void add_segment(struct batch *b, size_t from, size_t n, size_t to)
{
	struct segment *last = b->n_segments ? &b->segments[b->n_segments - 1] : NULL;

	if (n == 0)
		return;
	if (last && last->from + last->n == from) {
		last->n += n;
		return;
	}
	MEM_GROW(b->segments, b->n_segments + 1, b->cap_segments);
	b->segments[b->n_segments++] = (struct segment){from, n, to};
}

static void add_row(struct batch *b, size_t row, size_t from, size_t n)
{
	size_t stored = b->n_rows ? b->starts[b->n_rows] : 0;

	MEM_GROW(b->rows, b->n_rows + 1, b->cap_rows);
	MEM_GROW(b->starts, b->n_rows + 2, b->cap_starts);
	add_segment(b, from, n, stored);
	b->rows[b->n_rows] = row;
	b->starts[b->n_rows++] = stored;
	b->starts[b->n_rows] = stored + n;
}

/* Take rows while they fit. Returns 1, 0 when none is left, -1. */
static int plan_rows(struct csr *s, struct batch *b, struct err *err)
{
	const struct stream_limits *most = &s->batch_limits;
	size_t n_rows = task_n_rows(&s->task), stored = 0;

	b->n_rows = b->n_segments = 0;
	while (s->next_row < n_rows && b->n_rows < most->cells) {
		size_t row = task_row(&s->task, s->next_row);
		int64_t end;
		if (walk_to(s, row, err) || tiles_ints_at(&s->starts, row + 1, &end, err))
			return -1;
		size_t from = (size_t)s->start, n = end > s->start ? (size_t)(end - s->start) : 0;
		if (b->n_rows && stored + n > most->stored)
			break;
		if (walk_to(s, row + 1, err))
			return -1;
		if (n > s->task.n_columns)
			return err_set(err,
				       "%s: %s: %s %zu has %zu stored values, but there are "
				       "only %zu %ss",
				       s->task.file_name, s->task.path, s->task.row, row, n,
				       s->task.n_columns, s->task.column);
		add_row(b, row, from, n);
		stored += n;
		s->next_row++;
	}
	return b->n_rows > 0;
}

/* ---- fetching ----------------------------------------------------------------------------- */

static void add_tile(struct batch *b, unsigned tiles, size_t number)
{
	size_t n = b->n_tiles[tiles], cap = b->cap_tiles[tiles];

	if (n && b->tiles[tiles][n - 1].number == number)
		return;
	MEM_GROW(b->tiles[tiles], n + 1, b->cap_tiles[tiles]);
	for (size_t i = cap; i < b->cap_tiles[tiles]; i++)
		b->tiles[tiles][i] = (struct tile){.raw = NULL};
	b->tiles[tiles][n].number = number;
	b->n_tiles[tiles]++;
}

/* The tiles that hold the batch's segments, in order, each once. */
static void list_tiles(const struct csr *s, struct batch *b, unsigned tiles)
{
	size_t size = s->tile_sets[tiles].tile[0];

	b->n_tiles[tiles] = 0;
	for (size_t i = 0; i < b->n_segments; i++) {
		const struct segment *seg = &b->segments[i];
		for (size_t t = seg->from / size; t <= (seg->from + seg->n - 1) / size; t++)
			add_tile(b, tiles, t);
	}
}

static int fetch_tiles(struct csr *s, struct batch *b, const struct batch *before, unsigned tiles,
		       struct err *err)
{
	const struct tiles *from = &s->tile_sets[tiles];
	size_t n_before = before->n_tiles[tiles];

	list_tiles(s, b, tiles);
	b->first_kept[tiles] =
		!tiles_is_direct(from) && b->n_tiles[tiles] && n_before &&
		before->tiles[tiles][n_before - 1].number == b->tiles[tiles][0].number;
	for (size_t i = b->first_kept[tiles]; i < b->n_tiles[tiles]; i++)
		if (tiles_fetch(from, b->tiles[tiles][i].number, &b->tiles[tiles][i], err))
			return -1;
	return 0;
}

/* Plan the next batch and fetch its tiles; a failure waits in the batch for its turn. */
static void prepare(struct csr *s, struct batch *b, const struct batch *before)
{
	err_clear(&b->err);
	b->state = plan_rows(s, b, &b->err);
	for (unsigned tiles = 0; tiles < N_LANES && b->state == 1; tiles++)
		if (fetch_tiles(s, b, before, tiles, &b->err))
			b->state = -1;
}

/* ---- decoding ----------------------------------------------------------------------------- */

struct decoding {
	struct csr *s;
	struct batch *batch, *next;
	struct cells *piece;
	size_t n_parts; /* without the fetching one */
	struct err *errs[STRIPS];
	size_t inexact[STRIPS]; /* place in the piece of an integer no float holds, or SIZE_MAX */
	size_t rounded[STRIPS];
};

/* Put 'n' stored numbers of a tiles at 'to' of the piece. */
static void convert(struct decoding *d, unsigned tiles, const void *numbers, size_t n, size_t to,
		    size_t part)
{
	enum number_kind kind = d->s->tile_sets[tiles].type.kind;

	if (tiles == GENES) {
		number_to_indices(kind, numbers, d->piece->genes + to, n);
		return;
	}
	size_t good = number_to_floats(kind, numbers, d->piece->values + to, n);
	if (good < n)
		d->inexact[part] = MIN(d->inexact[part], to + good);
	d->rounded[part] += number_rounded(kind, numbers, n);
}

/* A tiles's numbers [from, from + n) of a decoded tile belong at 'to' of the piece. */
static void convert_slice(struct decoding *d, unsigned tiles, const struct tiles_view *view,
			  size_t from, size_t n, size_t to, size_t part)
{
	const struct tiles *l = &d->s->tile_sets[tiles];
	uint64_t room[SLICE];

	if (view->shuffled && tiles == GENES && tiles_is(l, NUMBER_I32)) {
		tiles_slice(l, view, from, n, d->piece->genes + to);
		return;
	}
	if (view->shuffled && tiles == VALUES && tiles_is(l, NUMBER_F32)) {
		tiles_slice(l, view, from, n, d->piece->values + to);
		return;
	}
	for (size_t i = 0, run; i < n; i += run) {
		run = view->shuffled ? MIN(n - i, SLICE) : n;
		convert(d, tiles, tiles_slice(l, view, from + i, run, room), run, to + i, part);
	}
}

/* The first segment that ends after stored number 'at'. */
static const struct segment *segment_at(const struct batch *b, size_t at)
{
	size_t low = 0, high = b->n_segments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (b->segments[middle].from + b->segments[middle].n > at)
			high = middle;
		else
			low = middle + 1;
	}
	return b->segments + low;
}

/* Numbers that lie in the file as they are needed go straight to their place. */
static int read_direct(struct decoding *d, unsigned tiles, size_t from, size_t n, size_t to,
		       size_t part, struct err *err)
{
	const struct tiles *l = &d->s->tile_sets[tiles];
	struct filter_room *room = &d->s->rooms[part];

	if (tiles == GENES && tiles_is(l, NUMBER_I32))
		return tiles_read_stored(l, from, n, d->piece->genes + to, err);
	if (tiles == VALUES && tiles_is(l, NUMBER_F32))
		return tiles_read_stored(l, from, n, d->piece->values + to, err);
	MEM_GROW(room->bytes[0], mem_product(n, l->type.size), room->cap[0]);
	if (tiles_read_stored(l, from, n, room->bytes[0], err))
		return -1;
	if (l->type.swap)
		number_swap(room->bytes[0], n, l->type.size);
	convert(d, tiles, room->bytes[0], n, to, part);
	return 0;
}

/* What the next batch may begin with is kept, decoded: by trading buffers, not by copying. */
static void keep(struct decoding *d, unsigned tiles, const struct tiles_view *view,
		 struct tile *tile, struct filter_room *room)
{
	struct csr *s = d->s;
	struct kept *kept = &s->kept[tiles][!s->kept_turn[tiles]];
	bool raw = view->bytes == tile->raw;
	unsigned side = view->bytes == room->bytes[1];
	uint8_t **buffer = raw ? &tile->raw : &room->bytes[side];
	size_t *cap = raw ? &tile->cap : &room->cap[side];
	struct kept old = *kept;

	*kept = (struct kept){*buffer, *cap, view->shuffled};
	*buffer = old.bytes;
	*cap = old.cap;
}

static int decode_tile(struct decoding *d, unsigned tiles, size_t i, size_t part, struct err *err)
{
	struct csr *s = d->s;
	struct batch *b = d->batch;
	const struct tiles *l = &s->tile_sets[tiles];
	struct tile *tile = &b->tiles[tiles][i];
	size_t begin = tile->number * l->tile[0], end = MIN(begin + l->tile[0], l->dims[0]);
	const struct segment *seg = segment_at(b, begin), *stop = b->segments + b->n_segments;
	bool direct = tiles_is_direct(l), was_kept = i == 0 && b->first_kept[tiles];
	const struct kept *kept = &s->kept[tiles][s->kept_turn[tiles]];
	struct tiles_view view = {kept->bytes, kept->shuffled};

	if (!direct && !was_kept && tiles_decode(l, tile, &s->rooms[part], &view, err))
		return -1;
	for (; seg < stop && seg->from < end; seg++) {
		size_t from = MAX(seg->from, begin), n = MIN(seg->from + seg->n, end) - from;
		size_t to = seg->to + (from - seg->from);
		if (!direct)
			convert_slice(d, tiles, &view, from - begin, n, to, part);
		else if (read_direct(d, tiles, from, n, to, part, err))
			return -1;
	}
	if (!direct && !was_kept && i + 1 == b->n_tiles[tiles])
		keep(d, tiles, &view, tile, &s->rooms[part]);
	return 0;
}

/* Part 0 fetches the next batch; the others decode a run of this one's tiles each. */
static void decode_part(void *job, size_t part)
{
	struct decoding *d = job;
	struct err err = ERR_INIT;
	size_t n_genes = d->batch->n_tiles[GENES], n = n_genes + d->batch->n_tiles[VALUES];

	if (part == 0) {
		prepare(d->s, d->next, d->batch);
		return;
	}
	part--;
	for (size_t i = part * n / d->n_parts; i < (part + 1) * n / d->n_parts; i++) {
		unsigned tiles = i >= n_genes;
		if (decode_tile(d, tiles, tiles ? i - n_genes : i, part, &err)) {
			d->errs[part] = mem_copy(&err, 1, sizeof(err));
			return;
		}
	}
}

static int inexact_error(const struct decoding *d, size_t place, struct err *err)
{
	size_t row = 0;

	while (d->batch->starts[row + 1] <= place)
		row++;
	return inexact_integer(&d->s->task, d->batch->rows[row], d->piece->genes[place], err);
}

static int decode(struct csr *s, struct batch *b, struct batch *next, struct cells *piece,
		  struct err *err)
{
	size_t n_tiles = b->n_tiles[GENES] + b->n_tiles[VALUES];
	struct decoding d = {.s = s, .batch = b, .next = next, .piece = piece};
	bool keeps[N_LANES];

	d.n_parts = MIN(n_tiles, STRIPS);
	for (size_t i = 0; i < STRIPS; i++)
		d.inexact[i] = SIZE_MAX;
	for (unsigned tiles = 0; tiles < N_LANES; tiles++)
		keeps[tiles] = b->n_tiles[tiles] > b->first_kept[tiles];
	pool_run(s->task.pool, 1 + d.n_parts, decode_part, &d);
	for (unsigned tiles = 0; tiles < N_LANES; tiles++)
		s->kept_turn[tiles] ^= keeps[tiles];
	if (errs_first(d.errs, d.n_parts, err))
		return -1;
	task_count_rounded(&s->task, d.rounded, d.n_parts);
	for (size_t i = 0; i < d.n_parts; i++)
		if (d.inexact[i] != SIZE_MAX)
			return inexact_error(&d, d.inexact[i], err);
	return 0;
}

static int csr_fill(struct storage *storage, struct cells *piece, struct err *err)
{
	struct csr *s = (struct csr *)storage;
	struct batch *b = &s->batches[s->turn], *next = &s->batches[!s->turn];

	if (!s->primed)
		prepare(s, b, next);
	s->primed = true;
	if (b->state < 0)
		return err_set(err, "%s", b->err.text);
	if (b->state == 0)
		return 0;
	cells_reserve(piece, b->n_rows, MAX(b->starts[b->n_rows], s->most_stored));
	piece->n_cells = b->n_rows;
	memcpy(piece->starts, b->starts, (b->n_rows + 1) * sizeof(*piece->starts));
	if (decode(s, b, next, piece, err) || piece_finish(piece, b->rows, &s->task, err))
		return -1;
	s->turn = !s->turn;
	return 1;
}

/* ---- opening ------------------------------------------------------------------------------ */

static void csr_free(struct storage *storage)
{
	struct csr *s = (struct csr *)storage;

	for (int i = 0; i < 2; i++) {
		struct batch *b = &s->batches[i];
		for (unsigned tiles = 0; tiles < N_LANES; tiles++) {
			for (size_t t = 0; t < b->cap_tiles[tiles]; t++)
				tile_release(&b->tiles[tiles][t]);
			free(b->tiles[tiles]);
			free(s->kept[tiles][i].bytes);
		}
		free(b->rows);
		free(b->starts);
		free(b->segments);
	}
	for (size_t i = 0; i < STRIPS; i++)
		filter_room_release(&s->rooms[i]);
	tiles_ints_release(&s->starts);
	tiles_close(&s->starts_lane);
	for (unsigned tiles = 0; tiles < N_LANES; tiles++)
		tiles_close(&s->tile_sets[tiles]);
	free(s);
}

static int open_lane(struct csr *s, struct tiles *tiles, const char *member, struct err *err)
{
	char *path = mem_printf("%s/%s", s->task.path, member);
	int ret = tiles_open(tiles, s->task.file, s->task.file_name, path, err);

	if (!ret && tiles->rank != 1)
		ret = err_set(err, "%s: an array of one dimension was expected", tiles->name);
	if (!ret && !str_eq(member, "data") && !number_is_integer(tiles->type.kind))
		ret = err_set(err, "%s: integers were expected", tiles->name);
	free(path);
	return ret;
}

/* Lengths fit each other; the row starts begin at 0 and end with the data. */
static int check_frame(struct csr *s, struct err *err)
{
	const struct tiles *starts = &s->starts_lane, *genes = &s->tile_sets[GENES];
	const struct tiles *values = &s->tile_sets[VALUES];
	int64_t first, last;

	if (starts->dims[0] != s->task.n_rows + 1)
		return err_set(err, "%s: %zu numbers, but %zu %ss need %zu", starts->name,
			       starts->dims[0], s->task.n_rows, s->task.row, s->task.n_rows + 1);
	if (genes->dims[0] != values->dims[0])
		return err_set(err, "%s: %zu numbers, but %zu values are stored", genes->name,
			       genes->dims[0], values->dims[0]);
	if (tiles_ints_at(&s->starts, s->task.n_rows, &last, err) ||
	    tiles_ints_at(&s->starts, 0, &first, err))
		return -1;
	if (first != 0)
		return err_set(err, "%s: it begins with %lld instead of 0 (the file is damaged)",
			       starts->name, (long long)first);
	if (last < 0 || (uint64_t)last != values->dims[0])
		return err_set(err,
			       "%s: it ends with %lld, but %zu values are stored (the file is "
			       "damaged)",
			       starts->name, (long long)last, values->dims[0]);
	return 0;
}

struct storage *csr_storage(const struct task *task, struct err *err)
{
	struct csr *s = mem_zero(1, sizeof(*s));

	s->base = (struct storage){.fill = csr_fill, .free = csr_free};
	s->task = *task;
	s->starts.tiles = &s->starts_lane;
	if (open_lane(s, &s->starts_lane, "indptr", err) ||
	    open_lane(s, &s->tile_sets[GENES], "indices", err) ||
	    open_lane(s, &s->tile_sets[VALUES], "data", err) || check_frame(s, err)) {
		csr_free(&s->base);
		return NULL;
	}
	s->batch_limits = task->limits;
	if (!tiles_is_direct(&s->tile_sets[VALUES])) {
		s->batch_limits.cells *= BLOCKS;
		s->batch_limits.stored *= BLOCKS;
	}
	s->most_stored = MIN(s->batch_limits.stored, s->tile_sets[VALUES].dims[0]);
	s->base.n_rows = task_n_rows(task);
	s->base.n_columns = task_n_columns(task);
	if (!task->pick.cells && !task->pick.gene_map)
		s->base.n_stored = s->tile_sets[VALUES].dims[0];
	return &s->base;
}
