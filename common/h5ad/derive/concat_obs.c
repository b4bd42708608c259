/* concat_obs.c - the cells of the result: their names, and the columns of obs as anndata.concat
 * merges them. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/derive/concat_private.h"
#include "h5ad/frame/column_concat.h"

/* Cell names, with the input's key behind them. */
static int name_cells(struct concat *c, struct err *err)
{
	struct names all = {0};
	struct text name = TEXT_INIT;

	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = h5ad_obs(c->inputs[i]);
		char **keys = frame_keys(obs, err);
		char *ending = c->index_unique ? mem_printf("%s%s", c->index_unique, c->keys.s[i])
					       : mem_str("");
		size_t n_ending = strlen(ending);
		for (size_t k = 0; keys && k < obs->n_rows; k++) {
			text_clear(&name);
			text_add_bytes(&name, keys[k], strlen(keys[k]));
			text_add_bytes(&name, ending, n_ending);
			names_add_n(&all, name.s, name.len);
		}
		free(ending);
		if (!keys)
			goto release;
	}
	c->obs = frame_new(all.n);
	frame_set_keys(c->obs, all.s);
	c->repeated = names_repeated(c->obs->keys, c->obs->n_rows);
release:
	names_release(&all);
	text_release(&name);
	return c->obs ? 0 : -1;
}

static void make_category(struct column *c)
{
	struct column_groups g = column_group(c);
	char **texts = mem_zero(c->n, sizeof(*texts));
	struct column category;

	for (size_t i = 0; i < c->n; i++)
		texts[i] = g.codes[i] < 0 ? NULL : g.names[g.codes[i]];
	category = column_categories(c->name, texts, c->n);
	free(texts);
	column_groups_release(&g);
	column_release(c);
	*c = category;
}

/* One column of the result: of input i it is columns[i], or nothing where that is NULL. */
static int add_column(struct concat *c, const char *name, const char *const *columns,
		      bool as_category, struct err *err)
{
	const struct column **parts = mem_zero(c->n, sizeof(*parts));
	size_t *sizes = mem_zero(c->n, sizeof(*sizes));
	int ret = 0;

	for (size_t i = 0; i < c->n && ret == 0; i++) {
		struct frame *obs = h5ad_obs(c->inputs[i]);
		sizes[i] = obs->n_rows;
		parts[i] = columns[i] ? frame_column(obs, columns[i], err) : NULL;
		ret = columns[i] && !parts[i] ? -1 : 0;
	}
	if (ret == 0) {
		struct column all = column_concat(name, parts, sizes, c->n);
		if (as_category && all.kind != COLUMN_CATEGORY)
			make_category(&all);
		frame_add(c->obs, &all);
	}
	for (size_t i = 0; i < c->n; i++)
		if (parts[i])
			frame_forget(h5ad_obs(c->inputs[i]), parts[i]);
	free(parts);
	free(sizes);
	return ret;
}

static int merge_columns(struct concat *c, struct err *err)
{
	const char **columns = mem_zero(c->n, sizeof(*columns));
	int ret = 0;

	for (uint32_t id = 0; id < c->columns.n && ret == 0; id++) {
		const char *name = strtab_str(&c->columns, id);
		for (size_t i = 0; i < c->n; i++)
			columns[i] = frame_find(h5ad_obs(c->inputs[i]), name) ? name : NULL;
		ret = add_column(c, name, columns, false, err);
	}
	for (size_t u = 0; u < c->n_unified && ret == 0; u++)
		ret = add_column(c, c->unified[u].name,
				 (const char *const *)c->unified[u].columns.s, true, err);
	free(columns);
	return ret;
}

/* A category that says which input a cell came from. 'categories' in their order. */
static void add_origin(struct concat *c, const char *name, const struct names *categories,
		       const int32_t *of_input)
{
	struct column origin = column_new(name, COLUMN_CATEGORY, c->n_cells);
	size_t row = 0;

	origin.n_categories = categories->n;
	MEM_ARRAY(origin.categories, categories->n);
	for (size_t i = 0; i < categories->n; i++)
		origin.categories[i] =
			arena_str(&origin.arena, categories->s[i], strlen(categories->s[i]));
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < h5ad_obs(c->inputs[i])->n_rows; k++)
			origin.codes[row++] = of_input[i];
	frame_add(c->obs, &origin);
}

/* "refs/colon.h5ad" is called colon. */
static void add_stem(struct names *stems, const char *path)
{
	const char *name = path_file(path);
	const char *dot = strrchr(name, '.');

	names_add_n(stems, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_source(struct concat *c)
{
	struct names stems = {0}, distinct = {0};
	int32_t *of_input;

	MEM_ARRAY(of_input, c->n);
	for (size_t i = 0; i < c->n; i++)
		add_stem(&stems, h5ad_path(c->inputs[i]));
	for (size_t i = 0; i < c->n; i++) {
		bool new = true;
		for (size_t k = 0; k < distinct.n && new; k++)
			new = !str_eq(distinct.s[k], stems.s[i]);
		if (new)
			names_add(&distinct, stems.s[i]);
	}
	qsort(distinct.s, distinct.n, sizeof(*distinct.s), by_bytes);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < distinct.n; k++)
			if (str_eq(distinct.s[k], stems.s[i]))
				of_input[i] = (int32_t)k;
	add_origin(c, c->source, &distinct, of_input);
	names_release(&stems);
	names_release(&distinct);
	free(of_input);
}

/* The first column is made whatever there is; others stay the inputs' own. */
static void add_label(struct concat *c)
{
	struct names columns = {0};
	int32_t *of_input;

	MEM_ARRAY(of_input, c->n);
	for (size_t i = 0; i < c->n; i++)
		of_input[i] = (int32_t)i;
	names_add_list(&columns, c->label);
	for (size_t i = 0; i < columns.n; i++)
		if (i == 0 || !frame_find(c->obs, columns.s[i]))
			add_origin(c, columns.s[i], &c->keys, of_input);
	names_release(&columns);
	free(of_input);
}

int concat_obs(struct concat *c, struct err *err)
{
	if (name_cells(c, err) || merge_columns(c, err))
		return -1;
	if (c->source)
		add_source(c);
	if (c->label)
		add_label(c);
	return 0;
}

/* ---- for reports ---- */

static int by_size(const void *pa, const void *pb, void *groups)
{
	const struct column_groups *g = groups;
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	if (g->counts[a] != g->counts[b])
		return g->counts[a] > g->counts[b] ? -1 : 1;
	return a < b ? -1 : a > b;
}

size_t concat_apart(const struct concat *c, const struct column_groups *g)
{
	size_t *owner = mem_zero(g->n + 1, sizeof(*owner)), row = 0, n_apart = 0;

	/* 0: not seen, i + 1: of input i alone, n + 1: of several */
	for (size_t i = 0; i < c->n; i++)
		for (size_t end = row + h5ad_n_cells(c->inputs[i]); row < end; row++) {
			size_t *of = g->codes[row] < 0 ? NULL : &owner[g->codes[row]];

			if (of)
				*of = *of == 0 || *of == i + 1 ? i + 1 : c->n + 1;
		}
	for (size_t k = 0; k < g->n; k++)
		n_apart += owner[k] > 0 && owner[k] <= c->n;
	free(owner);
	return n_apart;
}

size_t *concat_by_size(const struct column_groups *groups)
{
	size_t *order;

	MEM_ARRAY(order, groups->n + 1);
	for (size_t i = 0; i < groups->n; i++)
		order[i] = i;
	qsort_r(order, groups->n, sizeof(*order), by_size, (void *)groups);
	return order;
}
