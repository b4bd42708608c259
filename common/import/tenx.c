/* tenx.c - see tenx.h. */
#include "base/util.h"

#include "h5ad/array.h"
#include "h5ad/storage/storage.h"
#include "import/tenx.h"

/* A 10x file that is open, and the stream of its cells. */
struct tenx {
	struct stream stream;
	struct stream *from;
	struct h5_file *file;
	char *root;    /* the group of the matrix: "/matrix", "/GRCh38" */
	uint32_t *map; /* of features to genes */
	size_t n_features, n_cells;
};

static void tenx_free(struct stream *stream)
{
	struct tenx *t = (struct tenx *)stream;

	stream_free(t->from);
	h5_file_free(t->file);
	free(t->root);
	free(t->map);
	free(t);
}

static int tenx_next(struct stream *stream, struct cells **block, struct err *err)
{
	return stream_next(((struct tenx *)stream)->from, block, err);
}

static bool has(const struct tenx *t, const char *group, const char *name)
{
	char *path = mem_printf("%s/%s", group, name);
	bool there = h5_exists(t->file->file, path);

	free(path);
	return there;
}

/* Of an old file: the group of the genome, which must be named when there are several. */
static int find_genome(struct tenx *t, const char *genome, struct err *err)
{
	struct members all;
	struct text list = TEXT_INIT;
	size_t n = 0;

	if (list_members(t->file, "/", &all, err))
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		char *group = mem_printf("/%s", all.names[i]);
		if (has(t, group, "barcodes") && has(t, group, "indptr")) {
			text_add(&list, "%s%s", n++ ? ", " : "", all.names[i]);
			if (!genome || str_eq(genome, all.names[i])) {
				free(t->root);
				t->root = mem_str(group);
			}
		}
		free(group);
	}
	if (n == 0 && h5_exists(t->file->file, "/obs"))
		err_set(err, "%s: this is an h5ad already", t->file->path);
	else if (n == 0)
		err_set(err,
			"%s: no 10x matrix in this file (a group \"matrix\", or one per "
			"genome)",
			t->file->path);
	else if (!t->root)
		err_set(err, "%s: there is no genome \"%s\" (there is: %s)", t->file->path, genome,
			list.s);
	else if (n > 1 && !genome)
		err_set(err, "%s: several genomes: choose one with --genome (there is: %s)",
			t->file->path, list.s);
	text_release(&list);
	return err_is_set(err) ? -1 : 0;
}

/* A list of names in the group; 'n' of them. */
static int read_names(struct tenx *t, const char *name, size_t n, struct names *out,
		      struct err *err)
{
	char *path = mem_printf("%s/%s", t->root, name), **texts = NULL;
	struct arena arena = {0};
	struct array a;
	int ret = array_open(&a, t->file, path, NULL, err);

	if (ret == 0 && a.n != n)
		ret = err_set(err, "%s: %s: %zu names, but the matrix has %zu", t->file->path, path,
			      a.n, n);
	if (ret == 0) {
		MEM_ARRAY(texts, a.n);
		ret = array_texts(&a, &arena, texts, err);
	}
	for (size_t i = 0; ret == 0 && i < n; i++)
		names_add(out, texts[i]);
	array_close(&a);
	arena_release(&arena);
	free(texts);
	free(path);
	return ret;
}

static int read_shape(struct tenx *t, struct err *err)
{
	char *path = mem_printf("%s/shape", t->root);
	int64_t shape[2] = {-1, -1};
	struct array a;
	int ret = array_open(&a, t->file, path, NULL, err);

	if (ret == 0 && (a.n != 2 || a.kind != ARRAY_INT))
		ret = err_set(err, "%s: %s: should be two whole numbers", t->file->path, path);
	if (ret == 0)
		ret = array_ints(&a, shape, err);
	if (ret == 0 && (shape[0] < 0 || shape[1] < 0 || shape[0] >= STRTAB_NONE))
		ret = err_set(err, "%s: %s: %lld x %lld is no size of a matrix", t->file->path,
			      path, (long long)shape[0], (long long)shape[1]);
	t->n_features = (size_t)shape[0];
	t->n_cells = (size_t)shape[1];
	array_close(&a);
	free(path);
	return ret;
}

static int read_features(struct tenx *t, struct import *all, struct err *err)
{
	bool old = !str_eq(t->root, "/matrix");
	size_t n = t->n_features;

	if (old)
		return read_names(t, "gene_names", n, &all->genes, err) ||
				       read_names(t, "genes", n, &all->ids, err)
			       ? -1
			       : 0;
	if (read_names(t, "features/name", n, &all->genes, err) ||
	    read_names(t, "features/id", n, &all->ids, err))
		return -1;
	if (has(t, t->root, "features/feature_type") &&
	    read_names(t, "features/feature_type", n, &all->types, err))
		return -1;
	if (has(t, t->root, "features/genome") &&
	    read_names(t, "features/genome", n, &all->genomes, err))
		return -1;
	return 0;
}

static int open_stream(struct tenx *t, size_t n_genes, struct pool *pool, struct err *err)
{
	struct task task = {
		.file = t->file->file,
		.file_name = t->file->path,
		.path = t->root,
		.n_rows = t->n_cells,
		.n_columns = t->n_features,
		.row = "cell",
		.column = "gene",
		.pick = {.gene_map = t->map, .n_genes = n_genes},
		.limits = STREAM_LIMITS,
		.pool = pool,
	};
	struct storage *storage = csr_storage(&task, err);

	if (!storage)
		return -1;
	t->from = storage_stream(storage, &task);
	t->stream.n_cells = t->from->n_cells;
	t->stream.n_genes = n_genes;
	t->stream.integers = t->from->integers;
	return 0;
}

/* The type of the values: storages check it, but do not say. */
static bool has_integers(struct tenx *t, struct err *err)
{
	char *path = mem_printf("%s/data", t->root);
	struct array a;
	bool integers = !array_open(&a, t->file, path, NULL, err) && a.kind == ARRAY_INT;

	array_close(&a);
	free(path);
	return integers;
}

static int read_all(struct tenx *t, const struct feature_choice *choice, struct pool *pool,
		    struct import *in, struct err *err)
{
	struct feature_choice rest = *choice;
	struct import all = {.stream = NULL};
	int ret = -1;

	if (h5_exists(t->file->file, "/matrix")) {
		t->root = mem_str("/matrix");
	} else {
		if (find_genome(t, choice->genome, err))
			return -1;
		rest.genome = NULL;
	}
	if (read_shape(t, err) || read_features(t, &all, err) ||
	    read_names(t, "barcodes", t->n_cells, &in->cells, err))
		goto release;
	if (import_choose_features(&all, &rest, t->file->path, &t->map, in, err))
		goto release;
	if (open_stream(t, in->genes.n, pool, err))
		goto release;
	t->stream.integers = has_integers(t, err);
	if (!in->decision[0])
		snprintf(in->decision, sizeof(in->decision), "the 10x matrix %.150s, all features",
			 t->root + 1);
	ret = err_is_set(err) ? -1 : 0;
release:
	import_release(&all);
	return ret;
}

int import_tenx(const char *path, const struct feature_choice *choice, struct pool *pool,
		struct import *in, struct err *err)
{
	struct tenx *t = mem_zero(1, sizeof(*t));

	*in = (struct import){.stream = &t->stream};
	t->stream.next = tenx_next;
	t->stream.free = tenx_free;
	t->file = h5_file_new(path, err);
	if (!t->file || read_all(t, choice, pool, in, err)) {
		import_release(in);
		return -1;
	}
	return 0;
}
