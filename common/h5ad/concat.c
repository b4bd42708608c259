/* What the result will be: its genes and its obs. concat_write.c writes it. */
#include "base/util.h"

#include "h5ad/concat.h"
#include "h5ad/merge.h"

void concat_release(struct concat *c)
{
	for (size_t i = 0; i < c->n; i++)
		h5ad_close(c->inputs[i]);
	for (size_t i = 0; i < c->n_unified; i++) {
		free(c->unified[i].name);
		names_release(&c->unified[i].columns);
	}
	for (size_t i = 0; c->verdicts && i < c->n; i++)
		free(c->verdicts[i]);
	free(c->verdicts);
	free(c->inputs);
	free(c->unified);
	names_release(&c->keys);
	names_release(&c->left_out);
	gene_join_release(&c->genes);
	strtab_release(&c->columns);
	frame_free(c->obs);
	*c = (struct concat){.n = 0};
}

/* ---- genes ---- */

static struct frame *var_of(struct concat *c, size_t i, struct err *err)
{
	struct frame *var = h5ad_var(c->inputs[i], err);

	return var && frame_keys(var, err) ? var : NULL;
}

/* No gene is left: the first input that shares none with those before it shows why. */
static int nothing_in_common(struct concat *c, struct err *err)
{
	struct text why = TEXT_INIT;
	struct frame *first = var_of(c, 0, err);
	const char *last_name = h5ad_path(c->inputs[c->n - 1]);
	struct frame *last = var_of(c, c->n - 1, err);

	bool any_shared = true;

	for (size_t i = 1; i < c->n; i++) {
		struct frame *var = var_of(c, i, err);
		struct strtab mine = {0};
		bool shared = false;
		for (size_t k = 0; k < var->n_rows; k++)
			strtab_add(&mine, var->keys[k]);
		for (size_t k = 0; k < first->n_rows && !shared; k++)
			shared = strtab_find(&mine, first->keys[k]) != STRTAB_NONE;
		strtab_release(&mine);
		last = var;
		last_name = h5ad_path(c->inputs[i]);
		any_shared = shared;
		if (!shared)
			break;
	}
	if (c->panel && any_shared)
		genes_compare(c->panel->genes.strings, c->panel->genes.n, "the panel", first->keys,
			      first->n_rows, h5ad_path(c->inputs[0]), &why);
	else
		genes_compare(first->keys, first->n_rows, h5ad_path(c->inputs[0]), last->keys,
			      last->n_rows, last_name, &why);
	err_refuse(err, "no gene in common%s: %s", c->panel ? " with the panel" : "", why.s);
	text_release(&why);
	return -1;
}

static int join_genes(struct concat *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct frame *var = var_of(c, i, err);
		if (!var)
			return -1;
		const char *twice = names_repeated(var->keys, var->n_rows);
		if (twice)
			return err_set(err,
				       "%s: two genes are called %s (gene-normalize makes "
				       "names unique)",
				       h5ad_path(c->inputs[i]), twice);
		gene_join_add(&c->genes, var->keys, var->n_rows);
	}
	gene_join_finish(&c->genes, c->outer ? GENES_OUTER : GENES_INNER, c->panel);
	return c->genes.genes.n ? 0 : nothing_in_common(c, err);
}

/* ---- obs ---- */

static struct frame *obs_of(struct concat *c, size_t i, struct err *err)
{
	return h5ad_obs(c->inputs[i], err);
}

/* Cell names, with the input's key behind them. */
static int name_cells(struct concat *c, struct err *err)
{
	struct names all = {0};
	struct text name = TEXT_INIT;

	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = obs_of(c, i, err);
		char **keys = obs ? frame_keys(obs, err) : NULL;
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

/* One column of the result: of input i it is columns[i], or nothing where that is NULL. */
static int add_column(struct concat *c, const char *name, const char *const *columns,
		      bool as_category, struct err *err)
{
	const struct column **parts = mem_zero(c->n, sizeof(*parts));
	size_t *sizes = mem_zero(c->n, sizeof(*sizes));
	int ret = 0;

	for (size_t i = 0; i < c->n && ret == 0; i++) {
		struct frame *obs = obs_of(c, i, err);
		sizes[i] = obs->n_rows;
		parts[i] = columns[i] ? frame_column(obs, columns[i], err) : NULL;
		if (columns[i] && !parts[i])
			ret = err_prefix(err, "%s", h5ad_path(c->inputs[i]));
	}
	if (ret == 0) {
		struct column all = column_concat(name, parts, sizes, c->n);
		if (as_category && all.kind != COLUMN_CATEGORY) {
			struct column_groups g = column_group(&all);
			char **texts = mem_zero(all.n, sizeof(*texts));
			for (size_t i = 0; i < all.n; i++)
				texts[i] = g.codes[i] < 0 ? NULL : g.names[g.codes[i]];
			column_release(&all);
			all = column_categories(name, texts, c->n_cells);
			free(texts);
			column_groups_release(&g);
		}
		frame_add(c->obs, &all);
	}
	for (size_t i = 0; i < c->n; i++)
		if (parts[i])
			frame_forget(obs_of(c, i, err), parts[i]);
	free(parts);
	free(sizes);
	return ret;
}

/* The columns of the result in anndata's order: as they first come up. */
static void list_columns(struct concat *c, struct err *err)
{
	uint32_t *seen = NULL;
	size_t cap = 0;
	struct strtab all = {0};

	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = obs_of(c, i, err);
		for (size_t k = 0; k < obs->n_columns; k++) {
			size_t before = all.n;
			uint32_t id = strtab_add(&all, obs->columns[k].name);
			MEM_GROW(seen, all.n, cap);
			if (all.n > before)
				seen[id] = 0;
			seen[id]++;
		}
	}
	for (size_t id = 0; id < all.n; id++) {
		if (c->outer || seen[id] == c->n)
			strtab_add(&c->columns, all.strings[id]);
		else
			names_add_n(&c->left_out, all.strings[id], strlen(all.strings[id]));
	}
	free(seen);
	strtab_release(&all);
}

static int merge_columns(struct concat *c, struct err *err)
{
	const char **columns = mem_zero(c->n, sizeof(*columns));
	int ret = 0;

	for (uint32_t id = 0; id < c->columns.n && ret == 0; id++) {
		const char *name = strtab_str(&c->columns, id);
		for (size_t i = 0; i < c->n; i++)
			columns[i] = frame_find(obs_of(c, i, err), name) ? name : NULL;
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
		       const int32_t *of_input, struct err *err)
{
	struct column origin = column_new(name, COLUMN_CATEGORY, c->n_cells);
	size_t row = 0;

	origin.n_categories = categories->n;
	MEM_ARRAY(origin.categories, categories->n);
	for (size_t i = 0; i < categories->n; i++)
		origin.categories[i] =
			arena_str(&origin.arena, categories->s[i], strlen(categories->s[i]));
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < obs_of(c, i, err)->n_rows; k++)
			origin.codes[row++] = of_input[i];
	frame_add(c->obs, &origin);
}

/* "refs/colon.h5ad" is called colon. */
static void add_stem(struct names *stems, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	names_add_n(stems, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_source(struct concat *c, struct err *err)
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
	add_origin(c, c->source, &distinct, of_input, err);
	names_release(&stems);
	names_release(&distinct);
	free(of_input);
}

static void add_label(struct concat *c, struct err *err)
{
	int32_t *of_input;

	MEM_ARRAY(of_input, c->n);
	for (size_t i = 0; i < c->n; i++)
		of_input[i] = (int32_t)i;
	add_origin(c, c->label, &c->keys, of_input, err);
	free(of_input);
}

/* Every obs can be read, and has what --unify asks of it. */
static int check_obs(struct concat *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = obs_of(c, i, err);
		if (!obs)
			return -1;
		c->n_cells += obs->n_rows;
		for (size_t u = 0; u < c->n_unified; u++)
			if (!frame_find(obs, c->unified[u].columns.s[i]) &&
			    !frame_column(obs, c->unified[u].columns.s[i], err))
				return err_prefix(err, "%s", h5ad_path(c->inputs[i]));
	}
	return 0;
}

int concat_plan(struct concat *c, struct err *err)
{
	if (join_genes(c, err) || check_obs(c, err))
		return -1;
	list_columns(c, err);
	return 0;
}

int concat_obs(struct concat *c, struct err *err)
{
	if (name_cells(c, err) || merge_columns(c, err))
		return -1;
	if (c->source)
		add_source(c, err);
	if (c->label)
		add_label(c, err);
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

size_t *concat_by_size(const struct column_groups *groups)
{
	size_t *order;

	MEM_ARRAY(order, groups->n + 1);
	for (size_t i = 0; i < groups->n; i++)
		order[i] = i;
	qsort_r(order, groups->n, sizeof(*order), by_size, (void *)groups);
	return order;
}
