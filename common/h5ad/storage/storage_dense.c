/* storage_dense.c - pieces of a matrix stored in full.
 *
 * Rows are gathered into a band of floats, tile by tile, and what is not zero is kept. A band ends
 * where a row of tiles ends, so that each tile is decoded once. Where that would be too much to
 * hold (many chunks as tall as the matrix) bands are of columns, which storage_csc.c turns; where
 * that would be too much as well, a row of tiles is decoded for several bands. Tiles are fetched
 * and decoded a batch at a time, so that not a whole row of them is held beside the band.
 */
#include "base/util.h"

#include "h5ad/hdf5/tiles.h"
#include "h5ad/storage/storage.h"

#define STRIPS ((size_t)64)
#define BAND_NUMBERS ((size_t)2 << 20) /* a band is about so large */
#define BAND_MOST ((size_t)32 << 20)   /* and never larger, unless one row is */
#define RAW_BYTES ((size_t)16 << 20)   /* of tiles that are fetched at once, or one is */
#define ROWS_A_PART ((size_t)8)

struct dense_storage {
	struct storage base;
	struct task task;
	struct tiles source;
	bool turned;     /* columns of the dataset are the rows of the task, and of bands */
	size_t next_row; /* of those asked for */
	size_t *rows, n_rows, cap_rows;
	size_t *wanted, n_wanted, cap_wanted; /* numbers of the band's tiles */
	struct tile *tiles;                   /* a batch of them */
	size_t n_tiles, cap_tiles;
	float *band; /* n_rows x the task's n_columns */
	size_t cap_band;
	struct filter_room rooms[STRIPS];
	struct err *errs[STRIPS];
	size_t inexact[STRIPS], rounded[STRIPS];
	size_t n_parts;
	struct cells *piece;
};

/* ---- planning and fetching ---------------------------------------------------------------- */

static void plan_band(struct dense_storage *s)
{
	size_t n_rows = task_n_rows(&s->task), width = MAX(s->task.n_columns, (size_t)1);
	size_t enough = MAX(BAND_NUMBERS / width, (size_t)1), most = MAX(BAND_MOST / width, enough);
	size_t tall = s->source.tile[s->turned];

	s->n_rows = 0;
	while (s->next_row < n_rows && s->n_rows < most) {
		size_t row = task_row(&s->task, s->next_row);
		if (s->n_rows >= enough && row / tall != s->rows[s->n_rows - 1] / tall)
			break;
		MEM_GROW(s->rows, s->n_rows + 1, s->cap_rows);
		s->rows[s->n_rows++] = row;
		s->next_row++;
	}
}

/* Tiles of a band, each once: row by row of tiles, or column by column. */
static void list_tiles(struct dense_storage *s)
{
	const size_t *n_tiles = s->source.n_tiles;
	size_t before = SIZE_MAX, run = n_tiles[!s->turned];

	s->n_wanted = 0;
	for (size_t i = 0; i < s->n_rows; i++) {
		size_t line = s->rows[i] / s->source.tile[s->turned];

		if (line == before)
			continue;
		before = line;
		MEM_GROW(s->wanted, s->n_wanted + run, s->cap_wanted);
		for (size_t k = 0; k < run; k++)
			s->wanted[s->n_wanted++] =
				s->turned ? k * n_tiles[1] + line : line * n_tiles[1] + k;
	}
}

static struct tile *next_tile(struct dense_storage *s)
{
	size_t cap = s->cap_tiles;

	MEM_GROW(s->tiles, s->n_tiles + 1, s->cap_tiles);
	for (size_t i = cap; i < s->cap_tiles; i++)
		s->tiles[i] = (struct tile){.raw = NULL};
	return &s->tiles[s->n_tiles++];
}

/* As many tiles, from the one that is 'first' of those wanted, as are held at once. */
static int fetch_batch(struct dense_storage *s, size_t first, struct err *err)
{
	size_t bytes = 0;

	s->n_tiles = 0;
	for (size_t i = first; i < s->n_wanted && bytes < RAW_BYTES; i++) {
		struct tile *tile = next_tile(s);

		if (tiles_fetch(&s->source, s->wanted[i], tile, err))
			return -1;
		bytes += tile->n_raw;
	}
	return 0;
}

/* ---- decoding ----------------------------------------------------------------------------- */

static void convert(struct dense_storage *s, const void *numbers, size_t n, size_t to, size_t part)
{
	size_t good = number_to_floats(s->source.type.kind, numbers, s->band + to, n);

	if (good < n)
		s->inexact[part] = MIN(s->inexact[part], to + good);
	s->rounded[part] += number_rounded(s->source.type.kind, numbers, n);
}

/* Row 'i' of the band lies in the file as it is needed, but for its type. */
static int read_row(struct dense_storage *s, size_t i, size_t part, struct err *err)
{
	const struct tiles *source = &s->source;
	struct filter_room *room = &s->rooms[part];
	size_t n = source->dims[1];

	if (tiles_is(source, NUMBER_F32))
		return tiles_read_stored(source, s->rows[i] * n, n, s->band + i * n, err);
	MEM_GROW(room->bytes[0], mem_product(n, source->type.size), room->cap[0]);
	if (tiles_read_stored(source, s->rows[i] * n, n, room->bytes[0], err))
		return -1;
	if (source->type.swap)
		number_swap(room->bytes[0], n, source->type.size);
	convert(s, room->bytes[0], n, i * n, part);
	return 0;
}

/* The first of the band's rows that is 'row' or later. */
static size_t band_row(const struct dense_storage *s, size_t row)
{
	size_t low = 0, high = s->n_rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->rows[middle] >= row)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The band's rows that cross the tile, whose first number is at (top, left) of the dataset. */
static int decode_rows(struct dense_storage *s, const uint8_t *numbers, size_t top, size_t left,
		       size_t part, struct err *err)
{
	const struct tiles *source = &s->source;
	size_t width = MIN(source->tile[1], source->dims[1] - left);

	for (size_t i = band_row(s, top); i < s->n_rows && s->rows[i] - top < source->tile[0];
	     i++) {
		size_t at = (s->rows[i] - top) * source->tile[1] * source->type.size;
		if (numbers)
			convert(s, numbers + at, width, i * source->dims[1] + left, part);
		else if (read_row(s, i, part, err))
			return -1;
	}
	return 0;
}

/* The place in the band of column 'column', or of the next one that is wanted. */
static void note_inexact(struct dense_storage *s, size_t column, size_t row, size_t part)
{
	size_t i = MIN(band_row(s, column), s->n_rows - 1);

	s->inexact[part] = MIN(s->inexact[part], i * s->task.n_columns + row);
}

/* The same, where the band's rows are columns of the dataset: a line of the tile is scattered. */
static void decode_columns(struct dense_storage *s, const uint8_t *numbers, size_t top, size_t left,
			   size_t part)
{
	const struct tiles *source = &s->source;
	size_t bottom = MIN(top + source->tile[0], source->dims[0]);
	size_t first = band_row(s, left), end = band_row(s, left + source->tile[1]);
	size_t from = s->rows[first], n = s->rows[end - 1] + 1 - from;
	size_t pitch = source->tile[1] * source->type.size;
	float *line = mem_alloc(n, sizeof(*line));

	numbers += (from - left) * source->type.size;
	for (size_t row = top; row < bottom; row++, numbers += pitch) {
		size_t good = number_to_floats(source->type.kind, numbers, line, n);

		if (good < n)
			note_inexact(s, from + good, row, part);
		s->rounded[part] += number_rounded(source->type.kind, numbers, n);
		for (size_t i = first; i < end; i++)
			s->band[i * s->task.n_columns + row] = line[s->rows[i] - from];
	}
	free(line);
}

static int decode_tile(struct dense_storage *s, struct tile *tile, size_t part, struct err *err)
{
	const struct tiles *source = &s->source;
	size_t top = tile->number / source->n_tiles[1] * source->tile[0];
	size_t left = tile->number % source->n_tiles[1] * source->tile[1];
	const uint8_t *numbers = NULL;

	if (!tiles_is_direct(source)) {
		numbers = tiles_numbers(source, tile, &s->rooms[part], err);
		if (!numbers)
			return -1;
	}
	if (!s->turned)
		return decode_rows(s, numbers, top, left, part, err);
	decode_columns(s, numbers, top, left, part);
	return 0;
}

static void decode_part(void *job, size_t part)
{
	struct dense_storage *s = job;
	struct err err = ERR_INIT;
	size_t from = part * s->n_tiles / s->n_parts, to = (part + 1) * s->n_tiles / s->n_parts;

	for (size_t i = from; i < to; i++) {
		if (decode_tile(s, &s->tiles[i], part, &err)) {
			s->errs[part] = mem_copy(&err, 1, sizeof(err));
			return;
		}
	}
}

static int decode_batch(struct dense_storage *s, struct err *err)
{
	s->n_parts = MIN(s->n_tiles, STRIPS);
	for (size_t i = 0; i < STRIPS; i++) {
		s->inexact[i] = SIZE_MAX;
		s->rounded[i] = 0;
	}
	pool_run(s->task.pool, s->n_parts, decode_part, s);
	if (errs_first(s->errs, s->n_parts, err))
		return -1;
	task_count_rounded(&s->task, s->rounded, s->n_parts);
	for (size_t i = 0; i < s->n_parts; i++)
		if (s->inexact[i] != SIZE_MAX)
			return inexact_integer(&s->task, s->rows[s->inexact[i] / s->task.n_columns],
					       s->inexact[i] % s->task.n_columns, err);
	return 0;
}

static int read_band(struct dense_storage *s, struct err *err)
{
	MEM_GROW(s->band, mem_product(s->n_rows, s->task.n_columns), s->cap_band);
	list_tiles(s);
	for (size_t done = 0; done < s->n_wanted; done += s->n_tiles)
		if (fetch_batch(s, done, err) || decode_batch(s, err))
			return -1;
	return 0;
}

/* ---- what is not zero --------------------------------------------------------------------- */

CLONES static size_t count_nonzero(const float *row, size_t n)
{
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += row[i] != 0;
	return count;
}

static void count_part(void *job, size_t part)
{
	struct dense_storage *s = job;
	size_t n = s->task.n_columns, end = MIN((part + 1) * ROWS_A_PART, s->n_rows);

	for (size_t i = part * ROWS_A_PART; i < end; i++)
		s->piece->starts[i + 1] = count_nonzero(s->band + i * n, n);
}

static void gather_row(const float *row, uint32_t *genes, float *values, size_t n_nonzero)
{
	size_t n = 0;

	for (uint32_t gene = 0; n < n_nonzero; gene++) {
		genes[n] = gene;
		values[n] = row[gene];
		n += row[gene] != 0;
	}
}

static void gather_part(void *job, size_t part)
{
	struct dense_storage *s = job;
	struct cells *piece = s->piece;
	size_t end = MIN((part + 1) * ROWS_A_PART, s->n_rows);

	for (size_t i = part * ROWS_A_PART; i < end; i++)
		gather_row(s->band + i * s->task.n_columns, piece->genes + piece->starts[i],
			   piece->values + piece->starts[i],
			   piece->starts[i + 1] - piece->starts[i]);
}

static void gather_band(struct dense_storage *s, struct cells *piece)
{
	size_t n_parts = (s->n_rows + ROWS_A_PART - 1) / ROWS_A_PART;

	s->piece = piece;
	cells_reserve(piece, s->n_rows, 0);
	pool_run(s->task.pool, n_parts, count_part, s);
	for (size_t i = 0; i < s->n_rows; i++)
		piece->starts[i + 1] += piece->starts[i];
	cells_reserve(piece, s->n_rows, piece->starts[s->n_rows]);
	piece->n_cells = s->n_rows;
	pool_run(s->task.pool, n_parts, gather_part, s);
}

static int dense_fill(struct storage *storage, struct cells *piece, struct err *err)
{
	struct dense_storage *s = (struct dense_storage *)storage;

	plan_band(s);
	if (s->n_rows == 0)
		return 0;
	if (read_band(s, err))
		return -1;
	gather_band(s, piece);
	return piece_finish(piece, s->rows, &s->task, err) ? -1 : 1;
}

/* ---- opening ------------------------------------------------------------------------------ */

static void dense_free(struct storage *storage)
{
	struct dense_storage *s = (struct dense_storage *)storage;

	for (size_t i = 0; i < s->cap_tiles; i++)
		tile_release(&s->tiles[i]);
	for (size_t i = 0; i < STRIPS; i++)
		filter_room_release(&s->rooms[i]);
	free(s->tiles);
	free(s->wanted);
	free(s->rows);
	free(s->band);
	tiles_close(&s->source);
	free(s);
}

static struct dense_storage *open_dense(const struct task *task, bool turned, struct err *err)
{
	struct dense_storage *s = mem_zero(1, sizeof(*s));
	struct tiles *source = &s->source;

	s->base = (struct storage){.fill = dense_fill,
				   .free = dense_free,
				   .n_rows = task_n_rows(task),
				   .n_columns = task_n_columns(task)};
	s->task = *task;
	s->turned = turned;
	if (tiles_open(source, task->file, task->file_name, task->path, err))
		goto fail;
	if (source->rank != 2 || source->dims[turned] != task->n_rows ||
	    source->dims[!turned] != task->n_columns) {
		err_set(err, "%s: %zu x %zu numbers, but there are %zu %ss and %zu %ss",
			source->name, source->dims[0], source->dims[1], task->n_rows, task->row,
			task->n_columns, task->column);
		goto fail;
	}
	return s;
fail:
	dense_free(&s->base);
	return NULL;
}

static struct storage *dense_columns(const struct task *task, struct err *err)
{
	struct dense_storage *s = open_dense(task, true, err);

	return s ? &s->base : NULL;
}

/* Would bands of rows have tiles decoded again and again, and bands of columns not? */
static bool is_tall(const struct tiles *t)
{
	double rows = (double)t->tile[0] * (double)t->dims[1];
	double columns = (double)t->tile[1] * (double)t->dims[0];

	return !tiles_is_direct(t) && t->way != TILES_LONG && t->dims[0] <= INT32_MAX &&
	       rows > (double)BAND_MOST && columns <= (double)BAND_MOST;
}

struct storage *dense_storage(const struct task *task, struct err *err)
{
	struct dense_storage *s = open_dense(task, false, err);

	if (!s || !is_tall(&s->source))
		return s ? &s->base : NULL;
	dense_free(&s->base);
	return turned_storage(task, dense_columns, err);
}
