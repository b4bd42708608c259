/* claim.c - whose run a folder is: which version made it, and from which config. */
#include "base/util.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "conf/plan_private.h"

/* The version that made a folder, "" when that is not known; NULL when no run is there. */
static char *made_by(const char *folder)
{
	char *path = mem_printf("%s/version", folder);
	char *run = mem_printf("%s/run.mk", folder);
	char version[64] = "";
	FILE *file = fopen(path, "re");

	if (file && !fgets(version, sizeof(version), file))
		version[0] = '\0';
	version[strcspn(version, "\n")] = '\0';
	if (file)
		fclose(file);
	else if (access(run, F_OK))
		run[0] = '\0';
	free(path);
	path = file || *run ? mem_str(version) : NULL;
	free(run);
	return path;
}

int plan_claim(const char *folder, bool adopt, struct err *err)
{
	char *maker = made_by(folder);
	struct text version = TEXT_INIT;
	int ret = 0;

	text_add(&version, "%s\n", PIPETTE_VERSION);
	if (maker && !adopt && !str_eq(maker, PIPETTE_VERSION))
		ret = err_refuse(
			err,
			"%s: a run of Pipette %s, and this is %s: what is there may not be "
			"what this version makes (remove the folder, give the run another "
			"name:, or go on from what is there with --adopt)",
			folder, *maker ? maker : "of another version", PIPETTE_VERSION);
	if (ret == 0)
		ret = folder_make(folder, err);
	if (ret == 0)
		ret = plan_write_if_changed(folder, "version", &version, err);
	text_release(&version);
	free(maker);
	return ret;
}

char *plan_other_config(const char *folder, const char *config_path)
{
	char *run = mem_printf("%s/run.mk", folder);
	FILE *file = fopen(run, "re");
	char line[4096] = "", *path = line + strlen(WRITTEN_FROM), *end;
	struct stat theirs, ours;
	bool other;

	free(run);
	if (file && !fgets(line, sizeof(line), file))
		line[0] = '\0';
	if (file)
		fclose(file);
	end = str_starts(line, WRITTEN_FROM) ? strrchr(line, ':') : NULL;
	if (!end)
		return NULL;
	*end = '\0';
	other = stat(path, &theirs) == 0 && stat(config_path, &ours) == 0 &&
		(theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino);
	return other ? mem_str(path) : NULL;
}
