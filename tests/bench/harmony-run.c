/* harmony-run - Harmony alone, of coordinates that a file has.
 *
 *	harmony-run [-t THREADS] [--flavour 2|1|0] FILE.h5ad
 *
 * Takes batches out of obsm X_e by the column batch, and prints iterations, rounds and seconds.
 */
#include "base/util.h"

#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/h5ad.h"
#include "map/harmony/harmony.h"

static struct opts {
	const char *flavour;
} o = {.flavour = "2"};

static const char *const flavours[] = {"0", "1", "2", NULL};

static const struct opt options[] = {
	OPT_CHOICE("flavour", 0, flavour, "HOW", "formulas of Harmony 2, 1 or 0 (2)", flavours),
	OPT_THREADS, OPT_END};

static const struct opt_usage usage = {
	.summary = "how fast Harmony is",
	.synopsis = "[OPTIONS] FILE.h5ad",
	.options = options,
	.max_inputs = 1,
};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	const char *const columns[] = {"batch"};
	struct harmony_result result;
	struct batches batches;
	double *points, started;
	size_t dims;

	tool_begin("harmony-run", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	struct harmony_options how = harmony_defaults((enum harmony_flavour)(o.flavour[0] - '0'));
	struct h5ad *file = h5ad_open(in.paths[0], &err);
	struct pool *pool = pool_new(tool_threads);

	if (!file || h5ad_obsm(file, "X_e", &points, &dims, &err) ||
	    batches_read(&batches, h5ad_obs(file), columns, 1, &err))
		die_err(&err);
	started = clock_seconds();
	if (harmony_run(points, h5ad_n_cells(file), dims, &batches, &how, pool, &result, &err))
		die_err(&err);
	printf("%zu iterations\t%zu rounds\t%.2f s\n", result.n_outer, result.n_rounds,
	       clock_seconds() - started);
	harmony_release(&result);
	batches_release(&batches);
	free(points);
	pool_free(pool);
	h5ad_close(file);
	return tool_end();
}
