/* class_scores.c - see class_scores.h. */
#include "base/util.h"

#include <math.h>

#include "calls/class_scores.h"
#include "format/tsv.h"

#define SUM_OFF 1e-3 /* of shares as text */

/* Per name of the judged cells, the column of that class, or SIZE_MAX. The caller frees. */
static size_t *columns_of(const struct tsv *in, size_t cell, const struct strtab *names)
{
	size_t *column = mem_alloc(names->n + 1, sizeof(*column));

	for (size_t i = 0; i < names->n; i++)
		column[i] = SIZE_MAX;
	for (size_t c = 0; c < in->n_fields; c++) {
		uint32_t name = strtab_find(names, in->header[c]);

		if (c != cell && name != STRTAB_NONE)
			column[name] = c;
	}
	return column;
}

/* Add one cell's row, whose truth is in column 'right'. */
static int add_row(struct class_scores *s, const struct tsv *in, size_t cell, size_t right,
		   struct err *err)
{
	double sum = 0, square = 0, p = 0;

	for (size_t c = 0; c < in->n_fields; c++) {
		double x;

		if (c == cell)
			continue;
		if (tsv_number(in, c, &x, err))
			return -1;
		if (!(x >= 0))
			return err_set(err, "%s: line %zu: column %s: not a share", in->path,
				       in->line, in->header[c]);
		sum += x;
		square += (x - (c == right)) * (x - (c == right));
		p = c == right ? x : p;
	}
	if (!(fabs(sum - 1) <= SUM_OFF))
		return err_set(err,
			       "%s: line %zu: the classes' numbers sum to %g, not to 1: of one "
			       "class against the rest they are no shares (lr-model calibrate)",
			       in->path, in->line, sum);
	s->n_cells++;
	s->nll -= log(fmax(p, 1e-15));
	s->brier += square;
	return 0;
}

static int add_rows(struct class_scores *s, struct tsv *in, size_t cell, const size_t *column,
		    const struct judged_cells *j, struct err *err)
{
	int got;

	while ((got = tsv_next(in, err)) > 0) {
		size_t row = table_keys_find(&j->calls->cells, in->fields[cell]);
		uint32_t at = row < j->calls->n ? j->place[row] : UINT32_MAX;

		if (at == UINT32_MAX)
			continue;
		if (column[j->truth[at]] == SIZE_MAX)
			s->n_beyond++;
		else if (add_row(s, in, cell, column[j->truth[at]], err))
			return -1;
	}
	return got;
}

int class_scores_read(struct class_scores *s, const char *path, const struct judged_cells *cells,
		      struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t *column = NULL, cell;
	int ret = -1;

	*s = (struct class_scores){0};
	if (in && !tsv_need(in, "cell", &cell, err)) {
		column = columns_of(in, cell, &cells->names);
		ret = add_rows(s, in, cell, column, cells, err);
	}
	free(column);
	tsv_close(in);
	s->nll = s->n_cells ? s->nll / (double)s->n_cells : NAN;
	s->brier = s->n_cells ? s->brier / (double)s->n_cells : NAN;
	if (!ret && !s->n_cells && !s->n_beyond)
		return err_set(err, "%s: has none of the cells", path);
	return ret;
}
