/* pool.h - threads that share out numbered parts of a job.
 *
 * The parts are fixed by the data, never by the number of threads; each part writes only what
 * is its own; the caller combines parts in order. So results do not depend on the threads.
 *
 *	struct pool *pool = pool_new(0);                   // 0: the cores this process may use
 *	pool_run(pool, n_parts, add_part, &job);           // void add_part(void *job, size_t part)
 *	pool_free(pool);
 *
 * pool_run returns when all parts are done; it may be called from several threads at once and from
 * inside a part (the caller works too, so it never waits for itself). Parts are taken in order.
 * Without a pool (NULL) the caller does all parts. pool_start and pool_wait run a job beside the
 * caller, for reading ahead.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/util.h"

struct pool;
typedef void pool_work(void *job, size_t part);

struct pool *pool_new(size_t n_threads);
size_t pool_size(const struct pool *pool);
void pool_free(struct pool *pool);

void pool_run(struct pool *pool, size_t n_parts, pool_work *work, void *job);

struct pool_job;
struct pool_job *pool_start(struct pool *pool, size_t n_parts, pool_work *work, void *job);
void pool_wait(struct pool *pool, struct pool_job *job); /* helps, then frees the job */

#endif
