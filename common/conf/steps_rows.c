/* steps_rows.c - the table of steps, read. */
#include "base/util.h"

#include "conf/steps_private.h"
#include "format/lines.h"

enum { NAME, OF, WHEN, INPUTS, OUTPUTS, OPTIONS, THREADS, WHERE, COMMAND, N_CELLS };

const char *const noun_names[N_NOUNS] = {"reference", "query", "model", "shard"};

/* Cells are apart by one tab or more. Returns how many there are, N_CELLS + 1 when too many. */
static size_t cut(char *line, char *cells[N_CELLS])
{
	size_t n = 0;
	char *rest = line, *cell;

	while ((cell = strsep(&rest, "\t"))) {
		if (!*cell)
			continue;
		if (n == N_CELLS)
			return N_CELLS + 1;
		cells[n++] = cell;
	}
	return n;
}

static int read_of(struct step_row *row, char *cell)
{
	char *rest = cell, *word;

	if (str_eq(cell, "run"))
		return 0;
	while ((word = strsep(&rest, " "))) {
		size_t noun = 0;

		if (str_eq(word, "x"))
			continue;
		while (noun < N_NOUNS && !str_eq(word, noun_names[noun]))
			noun++;
		if (noun == N_NOUNS || row->n_of == N_NOUNS)
			return -1;
		row->of[row->n_of++] = (enum noun)noun;
	}
	return row->n_of ? 0 : -1;
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

static char *keep(struct steps *s, const char *cell)
{
	return arena_str(&s->arena, cell, strlen(cell));
}

static int read_row(struct steps *s, struct lines *in, struct err *err)
{
	static const char *const wheres[] = {"job", "local", "part"};
	char *cells[N_CELLS];
	struct step_row row = {.line = in->number};

	if (cut(in->text, cells) != N_CELLS)
		return err_set(err, "%s:%zu: a step has %d columns, apart by tabs (- is nothing)",
			       s->table, in->number, N_CELLS);
	if (read_of(&row, cells[OF]))
		return err_set(err,
			       "%s:%zu: \"%s\": a step is of run, or of reference, query, model, "
			       "shard, with \" x \" between",
			       s->table, in->number, cells[OF]);
	if (!parse_size(cells[THREADS], 1, 1024, &row.threads))
		return err_set(err, "%s:%zu: \"%s\": how many threads?", s->table, in->number,
			       cells[THREADS]);
	if (!is_one_of(cells[WHERE], wheres, ARRAY_LEN(wheres)))
		return err_set(err, "%s:%zu: \"%s\": a step is job, local or part", s->table,
			       in->number, cells[WHERE]);
	row.name = keep(s, cells[NAME]);
	row.when = keep(s, cells[WHEN]);
	row.inputs = keep(s, cells[INPUTS]);
	row.outputs = keep(s, cells[OUTPUTS]);
	row.options = keep(s, cells[OPTIONS]);
	row.where = keep(s, cells[WHERE]);
	row.command = keep(s, cells[COMMAND]);
	MEM_GROW(s->rows, s->n_rows + 1, s->cap_rows);
	s->rows[s->n_rows++] = row;
	return 0;
}

int steps_read_rows(struct steps *s, struct err *err)
{
	struct lines *in = lines_open(s->table, err);
	int got = -1;

	while (in && (got = lines_next(in, err)) > 0) {
		if (in->len == 0 || in->text[0] == '#')
			continue;
		if (read_row(s, in, err)) {
			got = -1;
			break;
		}
	}
	lines_close(in);
	return got;
}
