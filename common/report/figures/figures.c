/* figures.c - see figures.h. */
#include "base/util.h"

#include "base/folder.h"
#include "base/manifest.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/text.h"
#include "report/figures/figures.h"
#include "report/figures/figures_private.h"

#define LIST "pictures.tsv"

/* Where pictures go, and the list of those that are there. */
struct shelf {
	const char *folder;
	const char *query;
	struct text list;
};

/* Puts the figure there, if there is one, and frees it. */
static int put(struct shelf *shelf, struct canvas *c, const char *what, const char *by,
	       const char *shows, struct err *err)
{
	struct text path = TEXT_INIT;
	int ret;

	if (!c)
		return 0;
	text_add(&path, "%s/%s.%s%s%s.png", shelf->folder, shelf->query, what, *by ? "." : "", by);
	ret = canvas_write(c, path.s, err);
	text_add(&shelf->list, "%s\t%s\t%s%s%s\n", shelf->query, path.s + strlen(shelf->folder) + 1,
		 shows, *by ? " by " : "", by);
	text_release(&path);
	canvas_free(c);
	return ret;
}

struct cells_shown {
	const char *what, *shows;
	const struct query_summary *of;
	const struct scatter *scatter;
};

static int put_cells(struct shelf *shelf, const struct cells_shown *shown, struct err *err)
{
	const struct scatter *s = shown->scatter;

	if (!s || !s->basis || !shown->of->n_cells)
		return 0;
	for (size_t layer = 0; layer < SCATTER_LAYERS; layer++)
		if (scatter_has_layer(s, shown->of, layer) &&
		    put(shelf, draw_cells(shown->of, s, layer), shown->what,
			scatter_layer_name(layer), shown->shows, err))
			return -1;
	return put(shelf, draw_cells(shown->of, s, SCATTER_LAYERS), shown->what, "label",
		   shown->shows, err);
}

static int put_all(struct shelf *shelf, const struct figure_source *source,
		   const struct query_summary *q, const struct pictures *p, struct err *err)
{
	const struct cells_shown shown[] = {
		{"cells", "cells", q, p->own},
		{"atlas", "cells over the atlas", q, p->mapped},
		{"space", "cells in the tissue", q, p->space},
		{"domains", "domains of the tissue", p->of_domains, p->domains}};

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		if (put_cells(shelf, &shown[i], err))
			return -1;
	if (put(shelf, draw_composition(q), "composition", "", "shares of the labels", err))
		return -1;
	if (source->dots &&
	    put(shelf, draw_dots(source->dots), "genes", "", "marker genes of the labels", err))
		return -1;
	return source->eval ? put(shelf, draw_calibration(source->eval), "calibration", "",
				  "how often labels are right by their confidence", err)
			    : 0;
}

/* One query's. */
static int put_query(struct shelf *shelf, const struct figure_source *source, struct err *err)
{
	struct query_summary *q = query_new(source->calls);
	struct picture_files files = source->files;
	struct pictures pictures = {0};
	int ret = 0;

	files.side = FIGURE_SIDE;
	shelf->query = q->name;
	if (!query_is_not_typed(q))
		ret = pictures_read(&pictures, q, &files, err) ||
				      put_all(shelf, source, q, &pictures, err)
			      ? -1
			      : 0;
	pictures_release(&pictures);
	query_free(q);
	return ret;
}

/* Last: where it is, all pictures in it are. */
static int put_list(const struct shelf *shelf, struct err *err)
{
	char *path = mem_printf("%s/%s", shelf->folder, LIST);
	struct outfile *out = outfile_open(path, err);

	manifest_output(path);
	free(path);
	if (!out)
		return -1;
	fprintf(outfile_stream(out), "query\tfile\tshows\n%s", shelf->list.s);
	return outfile_commit(out, err);
}

int figures_write(const char *folder, const struct figure_source *sources, size_t n,
		  struct err *err)
{
	struct shelf shelf = {.folder = folder, .list = TEXT_INIT};
	int ret = folder_make(folder, err);

	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = put_query(&shelf, &sources[i], err);
	if (ret == 0)
		ret = put_list(&shelf, err);
	text_release(&shelf.list);
	return ret;
}
