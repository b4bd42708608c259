/* intact.c - outputs held against the manifest of the step that wrote them. */
#include "base/util.h"

#include <math.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "conf/intact.h"
#include "format/json_read.h"

#define SLACK 2 /* seconds that clocks and copies may be off */

static double seconds(struct timespec t)
{
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool has_sum(const char *path, const char *sum)
{
	struct err err = ERR_INIT;
	char hex[65];
	uint64_t size;

	return sha256_file(path, hex, &size, &err) == 0 && str_eq(hex, sum);
}

/* 'written' is when the manifest was, 'took' how long the step did. */
static bool is_intact(const json_t *output, const struct timespec *written, double took)
{
	const char *path = document_text(output, "path"), *sum = document_text(output, "sha256");
	size_t size = document_size(output, "size");
	struct stat st;
	double late;

	if (!*sum || stat(path, &st) || !S_ISREG(st.st_mode))
		return true;
	if (size && size != (size_t)st.st_size)
		return false;
	late = seconds(st.st_mtim) - seconds(*written);
	return (late <= 0 && late >= -took - SLACK) || has_sum(path, sum);
}

bool step_is_intact(const struct step *step, const char *folder, struct text *which)
{
	struct text path = TEXT_INIT;
	struct err err = ERR_INIT;
	struct stat st;
	json_t *root = NULL;
	const json_t *outputs, *output;
	bool intact = true;
	size_t i;

	steps_text(&path, step->manifest, folder, "");
	if (stat(path.s, &st) == 0)
		root = document_read(path.s, &err);
	outputs = root ? document_list(root, "outputs") : NULL;
	json_array_foreach(outputs, i, output)
	{
		double took = json_number_value(json_object_get(root, "wall_seconds"));

		if (intact && !is_intact(output, &st.st_mtim, took)) {
			text_add(which, "%s", document_text(output, "path"));
			intact = false;
		}
	}
	json_decref(root);
	text_release(&path);
	return intact;
}
