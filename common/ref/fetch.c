/* fetch.c - see fetch.h. */
#include "base/util.h"

#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/address.h"
#include "ref/download.h"
#include "ref/fetch.h"
#include "ref/synapse.h"

const char *const fetch_status_names[] = {"failed", "local", "cached", "downloaded", "resumed"};

void fetched_file_release(struct fetched_file *got)
{
	free(got->path);
	*got = (struct fetched_file){.note = ""};
}

/* ---- files that are here ---- */

static int fetch_local(struct fetched_file *got, const struct ref_entry *ref, struct err *err)
{
	struct stat st;

	if (stat(ref->address, &st))
		return err_errno(err, "%s: cannot be opened", ref->address);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: is no file", ref->address);
	if (sha256_file(ref->address, got->sha256, &got->size, err))
		return -1;
	if (ref->size && ref->size != got->size)
		return err_set(err, "%s: has %llu bytes, but the list says %zu", ref->address,
			       (unsigned long long)got->size, ref->size);
	if (*ref->sha256 && strcasecmp(ref->sha256, got->sha256) != 0)
		return err_set(err, "%s: not the right content: sha256 is %s, but should be %s",
			       ref->address, got->sha256, ref->sha256);
	got->path = mem_str(ref->address);
	got->status = FETCH_LOCAL;
	return 0;
}

/* ---- the cache ---- */

static bool is_wanted(const struct cache_entry *e, const struct ref_entry *ref)
{
	return (!ref->size || ref->size == e->size) &&
	       (!*ref->sha256 || strcasecmp(ref->sha256, e->sha256) == 0);
}

static void take_entry(struct fetched_file *got, const struct cache_entry *e,
		       enum fetch_status status)
{
	got->path = cache_path(e, e->name);
	got->size = e->size;
	memcpy(got->sha256, e->sha256, sizeof(got->sha256));
	got->status = status;
}

/* 1 when the cache has it, 0 when it must be downloaded. */
static int look(struct fetched_file *got, struct cache_entry *e, const struct ref_entry *ref,
		const struct fetch_plan *plan, struct err *err)
{
	bool damaged;
	int found = plan->refresh ? 0 : cache_look(e, &damaged, err);

	if (found < 0)
		return -1;
	if (found && is_wanted(e, ref)) {
		take_entry(got, e, FETCH_CACHED);
		return 1;
	}
	if (!plan->refresh && damaged)
		got->note = "the cache's file was damaged";
	else if (found)
		got->note = "the cache's file was another version";
	if (plan->offline)
		return err_set(err, "not in the cache %s (--offline)%s%s", plan->cache,
			       *got->note ? ": " : "", got->note);
	return 0;
}

/* ---- downloading ---- */

/* Where a reference is right now, and what it should be. */
struct fetch_place {
	char *url, *name;
	struct known_file expected;
	struct synapse_file file; /* owns what 'expected' points to */
};

static void leave_place(struct fetch_place *p)
{
	free(p->url);
	free(p->name);
	synapse_release(&p->file);
	*p = (struct fetch_place){0};
}

static int no_token(const struct ref_entry *ref, struct err *err)
{
	return err_set(
		err,
		"%s: Synapse wants a token: make one at "
		"https://www.synapse.org/PersonalAccessTokens (scopes view and download) and "
		"set SYNAPSE_AUTH_TOKEN, or give --token-file%s",
		ref->address,
		str_eq(ref->access, "approval")
			? "; this dataset also wants your request for access approved, on "
			  "its page"
			: "");
}

static int find_synapse(struct fetch_place *p, const struct ref_entry *ref,
			const struct fetch_plan *plan, struct http_reply *reply, struct err *err)
{
	if (!plan->token)
		return no_token(ref, err);
	int found = synapse_find(&p->file, plan->synapse, ref, plan->token, &plan->patience, reply,
				 err);
	reply->again = false; /* it has been patient itself */
	if (found)
		return -1;
	p->url = mem_str(p->file.url);
	p->name = mem_str(p->file.name);
	if (!p->expected.size)
		p->expected.size = p->file.size;
	if (!*p->expected.md5)
		p->expected.md5 = p->file.md5;
	return 0;
}

static int find_place(struct fetch_place *p, const struct ref_entry *ref,
		      const struct fetch_plan *plan, struct http_reply *reply, struct err *err)
{
	*reply = (struct http_reply){0};
	*p = (struct fetch_place){.expected = {ref->size, ref->sha256, ref->md5}};
	if (str_eq(ref->source, "synapse"))
		return find_synapse(p, ref, plan, reply, err);
	p->url = address_https(ref->address, plan->region, plan->endpoint, err);
	p->name = address_file(ref->address);
	return p->url ? 0 : -1;
}

/* The name under which the file is kept: its own, made harmless. */
static void name_entry(struct cache_entry *e, const struct fetch_place *p,
		       const struct ref_entry *ref)
{
	const char *from = *p->name ? p->name : ref->id;

	free(e->name);
	e->name = mem_str(from);
	for (char *c = e->name; *c; c++)
		if (*c == '/' || (unsigned char)*c < ' ')
			*c = '_';
	if (e->name[0] == '.' || str_eq(e->name, "part") || str_eq(e->name, "lock") ||
	    str_ends(e->name, ".tsv"))
		e->name[0] = '_';
}

static int finish(struct download *d, const struct fetch_place *p, const struct ref_entry *ref,
		  struct err *err)
{
	name_entry(d->entry, p, ref);
	return download_finish(d, err) || cache_keep(d->entry, err) ? -1 : 0;
}

/* One attempt, from finding where it is to checking what came. '*spoilt' counts wrong content. */
static int attempt(struct download *d, const struct ref_entry *ref, const struct fetch_plan *plan,
		   struct http_reply *reply, size_t *spoilt, struct err *err)
{
	struct fetch_place p;
	int ret = -1;

	if (find_place(&p, ref, plan, reply, err))
		goto done;
	d->expected_size = p.expected.size;
	if (download_try(d, p.url, reply, err))
		goto done;
	if (download_check(d, &p.expected, err)) {
		struct err ignored = ERR_INIT;

		/* A proxy may have spoilt it; twice is no accident. */
		reply->again = download_restart(d, &ignored) == 0 && ++*spoilt < 2;
		goto done;
	}
	ret = finish(d, &p, ref, err);
	reply->again = false;
done:
	leave_place(&p);
	return ret;
}

static int download(struct fetched_file *got, struct cache_entry *e, const struct ref_entry *ref,
		    const struct fetch_plan *plan, struct err *err)
{
	struct http_reply reply = {0};
	struct download d;
	size_t spoilt = 0;
	int ret = -1;

	if (download_open(&d, e, plan, ref->size, err))
		goto done;
	for (size_t n = 1; (ret = attempt(&d, ref, plan, &reply, &spoilt, err)) != 0; n++) {
		if (!patience_again(&plan->patience, n, &reply))
			break;
		err_clear(err);
	}
	if (ret == 0) {
		take_entry(got, e, d.resumed ? FETCH_RESUMED : FETCH_DOWNLOADED);
		if (!d.sized && !d.total && !ref->size && !*got->note)
			got->note = "the server did not say how long it is";
	}
done:
	download_close(&d);
	return ret;
}

int fetch_reference(struct fetched_file *got, const struct ref_entry *ref,
		    const struct fetch_plan *plan, struct err *err)
{
	struct cache_entry e;
	int found;

	*got = (struct fetched_file){.note = ""};
	if (!*ref->address)
		return err_set(err, "it is not known where it is (%s)",
			       "ref-query finds it: --discover service, or --models-index service");
	if (str_eq(ref->source, "local") ||
	    (!address_is_url(ref->address) && strchr(ref->address, '/') &&
	     !str_starts(ref->address, "s3://")))
		return fetch_local(got, ref, err);
	if (cache_enter(&e, plan->cache, ref->address, plan->offline, err)) {
		cache_leave(&e);
		return -1;
	}
	found = look(got, &e, ref, plan, err);
	if (found == 0)
		found = download(got, &e, ref, plan, err) == 0 ? 1 : -1;
	cache_leave(&e);
	return found > 0 ? 0 : -1;
}
