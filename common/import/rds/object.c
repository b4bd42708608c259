/* object.c - see object.h. */
#include "base/util.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>

#include "import/rds/contents.h"
#include "import/rds/object.h"
#include "import/rds/rds_table.h"

enum { MOST_AXES = 4096 }; /* of a reduction, which may be of few of the cells */

/* What the building functions share. */
struct building {
	const struct rds *file;
	struct rds_contents contents;
	struct rds_object *o;
	char **genes, **cells; /* names; the arrays are ours, the strings borrowed or in 'made' */
	struct arena made;
};

PRINTF_LIKE(2, 3) static void note(struct rds_object *o, const char *format, ...)
{
	char line[500];
	va_list ap;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	text_add(&o->notes, "%s\n", line);
}

/* ---- layers ---- */

static bool offered(const struct rds_contents *c, const char *name)
{
	for (size_t i = 0; i < c->n_offers; i++)
		if (str_eq(c->offers[i].name, name))
			return true;
	return false;
}

static int no_slot(const struct building *b, const char *slot, struct err *err)
{
	const struct rds_contents *c = &b->contents;
	struct text t = TEXT_INIT;
	for (size_t i = 0; i < c->n_offers; i++)
		if (!i || !str_eq(c->offers[i].name, c->offers[i - 1].name))
			text_add(&t, "%s%s", i ? ", " : "", c->offers[i].name);
	err_set(err, "%s: %s%s%sthere is no matrix '%s'; there are: %s (--slot)", b->file->path,
		c->assay ? "assay " : "", c->assay ? c->assay : "", c->assay ? ": " : "", slot,
		t.len ? t.s : "none");
	text_release(&t);
	return -1;
}

/* The name of the layer for X. */
static const char *choose_slot(const struct building *b, const char *slot, struct err *err)
{
	const struct rds_contents *c = &b->contents;
	if (slot && str_eq(slot, "data") && !offered(c, slot))
		slot = "logcounts";
	if (slot && !offered(c, slot)) {
		no_slot(b, str_eq(slot, "logcounts") ? "data" : slot, err);
		return NULL;
	}
	if (slot)
		return slot;
	for (size_t i = 0; c->preferred && c->preferred[i]; i++)
		if (offered(c, c->preferred[i]))
			return c->preferred[i];
	if (!c->n_offers)
		return err_null(err, "%s: there is no matrix in it", b->file->path);
	return c->offers[0].name;
}

static int add_part(struct building *b, struct rds_layer *l, struct rds_offer *offer,
		    struct err *err)
{
	struct rds_part part = {.genes = offer->genes, .cells = offer->cells};
	offer->genes = offer->cells = NULL;
	if (rds_matrix_open(&part.matrix, b->file, offer->matrix, err)) {
		free(part.genes);
		free(part.cells);
		return err_prefix(err, "%s: %s", b->file->path, offer->name);
	}
	if (rds_layer_add(l, &part, err))
		return err_prefix(err, "%s", b->file->path);
	return 0;
}

static int build_layer(struct building *b, struct rds_layer *l, const char *name, struct err *err)
{
	*l = rds_layer_new(name, b->o->n_genes, b->o->n_cells);
	for (size_t i = 0; i < b->contents.n_offers; i++)
		if (str_eq(b->contents.offers[i].name, name) &&
		    add_part(b, l, &b->contents.offers[i], err)) {
			rds_layer_release(l);
			return -1;
		}
	return 0;
}

static void add_layer(struct rds_object *o, struct rds_layer *l)
{
	o->layers = mem_resize(o->layers, o->n_layers + 1, sizeof(*o->layers));
	o->layers[o->n_layers++] = *l;
}

/* Another layer comes along when it has the same genes and cells and something else to say. */
static void build_other(struct building *b, const char *name)
{
	struct rds_object *o = b->o;
	struct err why = ERR_INIT;
	struct rds_layer l;
	if (build_layer(b, &l, name, &why)) {
		note(o, "left out %s: %s", name, why.text);
		return;
	}
	if (rds_layer_same(&o->layers[0], &l)) {
		note(o, "left out %s: it is the same as %s", name, o->layers[0].name);
		rds_layer_release(&l);
		return;
	}
	add_layer(o, &l);
}

static bool have_layer(const struct rds_object *o, const char *name)
{
	for (size_t i = 0; i < o->n_layers; i++)
		if (str_eq(o->layers[i].name, name))
			return true;
	return false;
}

static int build_layers(struct building *b, const char *slot, struct err *err)
{
	struct rds_layer first;
	if (build_layer(b, &first, slot, err))
		return -1;
	add_layer(b->o, &first);
	for (size_t i = 0; i < b->contents.n_offers; i++) {
		const char *name = b->contents.offers[i].name;
		bool part_of_last = i && str_eq(b->contents.offers[i - 1].name, name);
		if (!part_of_last && !have_layer(b->o, name))
			build_other(b, name);
	}
	return 0;
}

/* ---- names and sizes ---- */

/* Names as an array; rows without one get "PREFIX_number". */
static char **read_names(struct building *b, const struct rds_value *names, size_t n,
			 const char *prefix)
{
	char **list, number[48];
	MEM_ARRAY(list, n);
	for (size_t i = 0; i < n; i++) {
		const char *s = rds_text(b->file, names, i);
		if (!s) {
			int len = snprintf(number, sizeof(number), "%s_%zu", prefix, i + 1);
			s = arena_str(&b->made, number, (size_t)len);
		}
		list[i] = (char *)s;
	}
	if (n && !names)
		note(b->o, "there are no %s names: they are numbered", prefix);
	return list;
}

/* Sizes and names come from the object where it has them, else from the matrix for X. */
static int read_axes(struct building *b, const char *slot, struct err *err)
{
	const struct rds_contents *c = &b->contents;
	const struct rds_value *genes = c->gene_names, *cells = c->cell_names;
	struct rds_matrix m = {0};
	for (size_t i = 0; i < c->n_offers; i++) {
		if (!str_eq(c->offers[i].name, slot))
			continue;
		if (rds_matrix_shape(&m, b->file, c->offers[i].matrix, err))
			return err_prefix(err, "%s: %s", b->file->path, slot);
		genes = genes ? genes : m.gene_names;
		cells = cells ? cells : m.cell_names;
		break;
	}
	b->o->n_genes = genes ? (size_t)rds_length(genes) : m.n_genes;
	b->o->n_cells = cells ? (size_t)rds_length(cells) : m.n_cells;
	b->genes = read_names(b, genes, b->o->n_genes, "gene");
	b->cells = read_names(b, cells, b->o->n_cells, "cell");
	return 0;
}

/* ---- tables ---- */

static void fill_table(struct building *b, const struct rds_value *v, struct frame *f,
		       char *const *names, const char *what)
{
	struct text skipped = TEXT_INIT;
	struct err ignored = ERR_INIT;
	struct rds_table t;
	uint32_t *rows = NULL;
	size_t found = f->n_rows;
	if (!v || rds_table_open(&t, b->file, v, &ignored))
		return;
	if (t.keys)
		rows = rds_match(b->file, t.keys, names, f->n_rows, &found);
	if (found < f->n_rows)
		note(b->o,
		     "%zu of %zu rows of %s have no values: their names are not in the "
		     "object's table",
		     f->n_rows - found, f->n_rows, what);
	rds_table_fill(&t, f, rows, &skipped);
	if (skipped.len)
		note(b->o, "left out of %s, not plain columns: %.300s", what, skipped.s);
	text_release(&skipped);
	free(rows);
}

static void add_idents(struct building *b)
{
	const struct rds_value *idents = b->contents.idents;
	const struct rds_value *names = rds_attribute(b->file, idents, "names");
	const char *name = frame_find(b->o->obs, "ident") ? "active_ident" : "ident";
	struct column c;
	size_t found;
	if (!idents)
		return;
	uint32_t *rows = names ? rds_match(b->file, names, b->cells, b->o->n_cells, &found) : NULL;
	if (rds_column(b->file, idents, name, rows, b->o->n_cells, (size_t)rds_length(idents), &c))
		frame_add(b->o->obs, &c);
	free(rows);
}

static void add_variable_genes(struct building *b)
{
	const struct rds_value *list = b->contents.variable_genes;
	struct strtab chosen = {0};
	for (uint64_t i = 0; rds_is(list, RDS_STRING) && i < rds_length(list); i++)
		if (rds_text(b->file, list, i))
			strtab_add(&chosen, rds_text(b->file, list, i));
	if (chosen.n && !frame_find(b->o->var, "highly_variable")) {
		struct column c = column_new("highly_variable", COLUMN_BOOL, b->o->n_genes);
		for (size_t i = 0; i < b->o->n_genes; i++)
			c.bools[i] = strtab_find(&chosen, b->genes[i]) != STRTAB_NONE;
		free(c.missing);
		c.missing = NULL;
		frame_add(b->o->var, &c);
	}
	strtab_release(&chosen);
}

static void build_tables(struct building *b)
{
	struct rds_object *o = b->o;
	o->obs = frame_new(o->n_cells);
	o->var = frame_new(o->n_genes);
	frame_set_keys(o->obs, b->cells);
	frame_set_keys(o->var, b->genes);
	fill_table(b, b->contents.obs, o->obs, b->cells, "obs");
	fill_table(b, b->contents.var, o->var, b->genes, "var");
	add_idents(b);
	add_variable_genes(b);
}

/* ---- reductions ---- */

static char *obsm_name(const char *name)
{
	char *s = mem_printf("X_%s", name);
	for (char *c = s + 2; *c; c++)
		*c = (char)(*c == '/' ? '_' : tolower((unsigned char)*c));
	return s;
}

static bool have_reduction(const struct rds_object *o, const char *name)
{
	for (size_t i = 0; i < o->n_reductions; i++)
		if (str_eq(o->reductions[i].name, name))
			return true;
	return false;
}

static void add_reduction(struct building *b, const struct rds_embedding *e)
{
	struct rds_object *o = b->o;
	const struct rds_value *m = e->matrix;
	char *name = obsm_name(e->name);
	uint64_t dim[2];
	if (!rds_dim(b->file, m, dim) || !rds_is(m, RDS_REAL) || m->dropped || !dim[1] ||
	    dim[1] > MOST_AXES || have_reduction(o, name)) {
		note(o,
		     "left out reduction %s: not a matrix of numbers, at most %d columns, with a "
		     "name of its own",
		     e->name, MOST_AXES);
		free(name);
		return;
	}
	const struct rds_value *names = rds_item(rds_attribute(b->file, m, "dimnames"), 0);
	size_t found = 0;
	uint32_t *rows = !rds_is_null(names)
				 ? rds_match(b->file, names, b->cells, o->n_cells, &found)
				 : NULL;
	if ((!rows && dim[0] != o->n_cells) || (rows && rds_length(names) != dim[0])) {
		note(o, "left out reduction %s: it is for other cells", e->name);
		free(name);
		free(rows);
		return;
	}
	struct rds_reduction r = {name, NULL, (size_t)dim[1]};
	MEM_ARRAY(r.values, mem_product(o->n_cells, r.n_columns));
	for (size_t i = 0; i < o->n_cells; i++)
		for (size_t k = 0; k < r.n_columns; k++) {
			size_t row = rows ? rows[i] : i;
			r.values[i * r.n_columns + k] =
				row == STRTAB_NONE ? NAN : (float)m->reals[k * dim[0] + row];
		}
	free(rows);
	o->reductions = mem_resize(o->reductions, o->n_reductions + 1, sizeof(r));
	o->reductions[o->n_reductions++] = r;
}

/* ---- whole ---- */

/* Rows of a table without row names: what it says, when a column bears it out. */
static size_t unnamed_rows(const struct rds_table *t)
{
	for (uint64_t i = 0; i < rds_length(t->columns); i++)
		if (rds_length(rds_item(t->columns, i)) == t->n_rows)
			return t->n_rows;
	return 0;
}

/* A bare data frame: its row names are the cells, and there are no genes. */
static int build_bare(struct building *b, struct err *err)
{
	struct rds_table t;
	if (rds_table_open(&t, b->file, b->contents.obs, err))
		return err_prefix(err, "%s", b->file->path);
	b->o->n_cells = t.keys ? t.n_rows : unnamed_rows(&t);
	if (!b->o->n_cells && t.n_rows)
		return err_set(err,
			       "%s: a data frame of %zu rows without row names or a plain column",
			       b->file->path, t.n_rows);
	b->cells = read_names(b, t.keys, b->o->n_cells, "cell");
	MEM_ARRAY(b->genes, 0);
	build_tables(b);
	return 0;
}

static int build(struct building *b, const char *slot, struct err *err)
{
	if (!b->contents.n_offers && b->contents.obs && !slot)
		return build_bare(b, err);
	slot = choose_slot(b, slot, err);
	if (!slot || read_axes(b, slot, err) || build_layers(b, slot, err))
		return -1;
	build_tables(b);
	for (size_t i = 0; i < b->contents.n_embeddings; i++)
		add_reduction(b, &b->contents.embeddings[i]);
	return 0;
}

int rds_object_open(struct rds_object *o, const struct rds *file, const char *assay,
		    const char *slot, struct err *err)
{
	struct building b = {.file = file, .o = o};
	*o = (struct rds_object){.notes = TEXT_INIT};
	int failed = rds_contents_find(&b.contents, file, assay, err) || build(&b, slot, err);
	o->kind = b.contents.kind;
	o->assay = b.contents.assay;
	b.contents.kind = b.contents.assay = NULL;
	rds_contents_release(&b.contents);
	free(b.genes);
	free(b.cells);
	arena_release(&b.made);
	if (failed)
		rds_object_close(o);
	return failed ? -1 : 0;
}

void rds_object_close(struct rds_object *o)
{
	for (size_t i = 0; i < o->n_layers; i++)
		rds_layer_release(&o->layers[i]);
	for (size_t i = 0; i < o->n_reductions; i++) {
		free(o->reductions[i].name);
		free(o->reductions[i].values);
	}
	free(o->layers);
	free(o->reductions);
	if (o->obs)
		frame_free(o->obs);
	if (o->var)
		frame_free(o->var);
	free(o->kind);
	free(o->assay);
	text_release(&o->notes);
	memset(o, 0, sizeof(*o));
}
