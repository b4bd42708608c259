/* concat.c - what the result will be: its genes, and which columns its cells have. */
#include "base/util.h"

#include "h5ad/derive/concat_private.h"
#include "h5ad/derive/panel.h"
#include "matrix/species.h"

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
	for (size_t i = 0; c->listed && i < c->n; i++)
		free(c->listed[i]);
	free(c->listed);
	free(c->inputs);
	free(c->losses);
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
	struct frame *var = h5ad_var(c->inputs[i]);

	return frame_keys(var, err) ? var : NULL;
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

/* How much of the panel an input has, whatever the others have. */
static void compare_panel(struct concat *c, size_t input, const struct frame *var)
{
	MEM_ZERO(c->listed[input], c->panel->genes.n);
	gene_panel_mark(c->panel, var->keys, var->n_rows, c->listed[input]);
}

/* ---- what a join costs ---- */

static void measure_loss(struct concat *c)
{
	MEM_ARRAY(c->losses, c->n);
	for (size_t i = 0; i < c->n; i++)
		c->losses[i] = gene_join_loss(&c->genes, i, c->panel);
}

size_t concat_costliest(const struct concat *c)
{
	size_t worst = 0;

	for (size_t i = 1; i < c->n; i++)
		if (c->losses[i].without > c->losses[worst].without)
			worst = i;
	return worst;
}

static int check_loss(const struct concat *c, struct err *err)
{
	for (size_t i = 0; c->losses && i < c->n; i++) {
		const struct gene_loss *l = &c->losses[i];
		size_t worst = concat_costliest(c);

		if ((double)l->kept >= c->min_kept * (double)l->own)
			continue;
		return err_refuse(err,
				  "of the %zu genes of %s all inputs have %zu, under --min-kept "
				  "%g: without %s it would be %zu (leave that out, or --join "
				  "outer; a gene it lacks is then 0)",
				  l->own, h5ad_path(c->inputs[i]), l->kept, c->min_kept,
				  h5ad_path(c->inputs[worst]), c->losses[worst].without);
	}
	return 0;
}

static int check_species(struct concat *c, struct err *err)
{
	enum species first = SPECIES_UNKNOWN, s;
	size_t of = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct frame *var = var_of(c, i, err);

		s = species_of_genes(var->keys, var->n_rows);
		if (!species_agree(first, s))
			return err_refuse(err,
					  "%s has %s genes, %s has %s genes: references of two "
					  "species make no model (--mixed-species joins them all "
					  "the same; lr-model convert changes a model's species)",
					  h5ad_path(c->inputs[of]), species_name(first),
					  h5ad_path(c->inputs[i]), species_name(s));
		if (first == SPECIES_UNKNOWN) {
			first = s;
			of = i;
		}
	}
	return 0;
}

static int join_genes(struct concat *c, struct err *err)
{
	if (c->panel)
		MEM_ZERO(c->listed, c->n);
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
		if (c->panel)
			compare_panel(c, i, var);
	}
	if (c->n > 1 && !c->outer)
		measure_loss(c);
	gene_join_finish(&c->genes, c->outer ? GENES_OUTER : GENES_INNER, c->panel);
	if (!c->mixed_species && check_species(c, err))
		return -1;
	return c->genes.genes.n ? check_loss(c, err) : nothing_in_common(c, err);
}

/* ---- obs ---- */

/* The columns of the result in anndata's order: as they first come up. */
static void list_columns(struct concat *c)
{
	uint32_t *seen = NULL;
	size_t cap = 0;
	struct strtab all = {0};

	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = h5ad_obs(c->inputs[i]);
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

/* Every obs can be read, and has what --unify asks of it. */
static int check_obs(struct concat *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct frame *obs = h5ad_obs(c->inputs[i]);
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
	list_columns(c);
	return 0;
}

/* ---- for the files that write ---- */

void concat_cut_columns(const struct member_stack *s, size_t n_columns)
{
	char *what = mem_printf("%s, after its first %zu columns,", s->where, n_columns);

	names_add(&s->c->left_out, what);
	free(what);
}

size_t *concat_rows_of(const struct concat *c, size_t input)
{
	size_t *rows;

	MEM_ARRAY(rows, c->genes.genes.n);
	for (size_t i = 0; i < c->genes.genes.n; i++)
		rows[i] = SIZE_MAX;
	for (size_t i = 0; i < c->genes.n_genes[input]; i++)
		if (c->genes.maps[input][i] != STRTAB_NONE)
			rows[c->genes.maps[input][i]] = i;
	return rows;
}
