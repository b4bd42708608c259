/* crate.h - a run's folder described as a research object: RO-Crate 1.1, Process Run Crate 0.5.
 *
 * From the manifests of the steps (run_log.h): each step is a CreateAction, its filter the
 * instrument, its inputs the objects and its outputs the results; every file is a File
 * of the root, with its size when it is there, by its path when it lies in the run's folder, else by its
 * file: address. What the specifications only recommend is there as far as it is told: whose the
 * crate is, for whom they work, where the software is described, when each step ended.
 *
 *	struct run_log *run = run_log_read("runs/colon", &err);
 *	crate_write(stdout, run, &(struct crate_words){.name = "colon", .folder = "runs/colon"});
 *
 * The same run gives the same bytes: there is no time in it but the one that 'date' says, and with
 * 'times' those that the manifests have as files, which a copy of the folder may have lost. Failures
 * of the stream stick to it, and are told when it is closed.
 */
#ifndef REPORT_CRATE_H
#define REPORT_CRATE_H

#include <stdio.h>

#include "report/run_log.h"

/* Somebody, or something; without a name there is none. 'id' is an address, such as an ORCID, or NULL. */
struct crate_party {
	const char *name, *id;
};

struct crate_words {
	const char *name, *description, *folder;
	const char *date;                        /* datePublished, which the specification wants */
	const char *license;                     /* an address, or text */
	struct crate_party author, organization; /* who ran it, who publishes it */
	bool times;                              /* each step's end, by its manifest's file */
};

void crate_write(FILE *out, const struct run_log *run, const struct crate_words *words);

#endif
