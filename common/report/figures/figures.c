/* figures.c - see figures.h. */
#include "base/util.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "report/figures/figures.h"
#include "report/figures/figures_private.h"

/* Writes the figure, if there is one, and frees it. */
static int put(struct canvas *c, const char *folder, const char *name, const char *what,
	       const char *by, struct err *err)
{
	char *path;
	int ret;

	if (!c)
		return 0;
	path = mem_printf("%s/%s.%s%s%s.png", folder, name, what, *by ? "." : "", by);
	ret = canvas_write(c, path, err);
	free(path);
	canvas_free(c);
	return ret;
}

static int put_cells(const char *folder, const char *what, const struct query_summary *q,
		     const char *name, const struct scatter *s, struct err *err)
{
	if (!s || !s->basis || !q->n_cells)
		return 0;
	for (size_t layer = 0; layer < SCATTER_LAYERS; layer++)
		if (scatter_has_layer(s, q, layer) && put(draw_cells(q, s, layer), folder, name,
							  what, scatter_layer_name(layer), err))
			return -1;
	return put(draw_cells(q, s, SCATTER_LAYERS), folder, name, what, "label", err);
}

static int put_all(const char *folder, const struct figure_source *source,
		   const struct query_summary *q, const struct pictures *p, struct err *err)
{
	const struct {
		const char *what;
		const struct query_summary *of;
		const struct scatter *scatter;
	} pictures[] = {{"cells", q, p->own},
			{"atlas", q, p->mapped},
			{"space", q, p->space},
			{"domains", p->of_domains, p->domains}};

	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		if (put_cells(folder, pictures[i].what, pictures[i].of, q->name,
			      pictures[i].scatter, err))
			return -1;
	return put(draw_composition(q), folder, q->name, "composition", "", err) ||
			       (source->dots &&
				put(draw_dots(source->dots), folder, q->name, "genes", "", err)) ||
			       (source->eval && put(draw_calibration(source->eval), folder, q->name,
						    "calibration", "", err))
		       ? -1
		       : 0;
}

int figures_write(const char *folder, const struct figure_source *source, struct err *err)
{
	struct query_summary *q = query_new(source->calls);
	struct picture_files files = source->files;
	struct pictures pictures = {0};
	int ret = 0;

	files.side = FIGURE_SIDE;
	if (query_is_not_typed(q))
		goto free_query;
	ret = mkdir(folder, 0777) && errno != EEXIST ? -1 : 0;
	if (ret)
		err_errno(err, "%s: cannot be made", folder);
	else
		ret = pictures_read(&pictures, q, &files, err);
	if (ret == 0)
		ret = put_all(folder, source, q, &pictures, err);
	pictures_release(&pictures);
free_query:
	query_free(q);
	return ret;
}
