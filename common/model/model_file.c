/* model_file.c - see model_file.h. */
#include "base/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/text.h"
#include "base/unpacked.h"
#include "model/celltypist.h"
#include "model/container.h"
#include "model/model_file.h"

static struct model *read_file(const char *path, struct err *err)
{
	return container_is(path) ? container_read(path, err) : celltypist_read(path, err);
}

/* What was said of the scratch file is said of what the user gave. */
static void say_of(struct err *err, const char *name, const char *path)
{
	char *rest = str_starts(err->text, name) ? mem_str(err->text + strlen(name)) : NULL;

	if (rest) {
		err_clear(err);
		err_set(err, "%s%s", path, rest);
	}
	free(rest);
}

/* Telling the formats apart reads the start twice, which a pipe does not allow. */
static struct model *read_pipe(const char *path, struct err *err)
{
	bool is_stdin = str_eq(path, "-");
	int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	const char *shown = is_stdin ? "stdin" : path;
	struct model *m = NULL;
	char *name;

	if (fd >= 0 && isatty(fd)) {
		close(fd);
		return err_null(err, "%s: is a terminal, and a model was expected", shown);
	}
	if (fd < 0)
		err_errno(err, "%s", shown);
	fd = fd < 0 ? -1 : unpacked_copy(fd, shown, &name, err);
	if (fd < 0)
		return NULL;
	m = read_file(name, err);
	if (!m)
		say_of(err, name, shown);
	scratch_unname(name);
	close(fd);
	return m;
}

static bool is_pipe(const char *path)
{
	struct stat st;

	return str_eq(path, "-") ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

static int check_folder(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(err, "%s: is a folder, and a model is a file", path);
	return 0;
}

struct model *model_read(const char *path, struct err *err)
{
	struct model *m;

	if (check_folder(path, err))
		return NULL;
	m = is_pipe(path) ? read_pipe(path, err) : read_file(path, err);
	if (m && model_check(m, path, err)) {
		model_free(m);
		return NULL;
	}
	return m;
}

int model_write(const struct model *m, const char *path, struct err *err)
{
	return str_ends(path, ".pkl") ? celltypist_write(m, path, err)
				      : container_write(m, path, err);
}

char *model_file_name(const char *path)
{
	const char *base = path_file(path);
	static const char *const suffixes[] = {".h5", ".pkl", ".pkl.gz"};

	if (str_eq(path, "-"))
		return mem_str("stdin");
	if (str_starts(path, "/dev/fd/") || str_starts(path, "/proc/self/fd/"))
		return mem_printf("pipe%s", base);
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (str_ends(base, suffixes[i]) && !str_eq(base, suffixes[i]))
			return mem_strn(base, strlen(base) - strlen(suffixes[i]));
	}
	return mem_str(base);
}
