/* pool.c - see pool.h. */
#include "base/util.h"

#include <pthread.h>
#include <sched.h>

#include "base/mem.h"
#include "base/pool.h"

struct pool_job {
	pool_work *work;
	void *arg;
	size_t n_parts, next, done;
	struct pool_job *queued; /* the next job in the pool's queue */
	struct pool_job *parent; /* whose part called pool_run for this one; NULL for pool_start */
};

/* The job whose part this thread is at. */
static _Thread_local struct pool_job *current;

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t has_work, part_done;
	struct pool_job *first, *last;
	pthread_t *threads;
	size_t n_threads; /* including the caller's */
	bool stop;
};

static size_t cores_available(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return MAX(1, CPU_COUNT(&set));
}

static void enqueue(struct pool *pool, struct pool_job *job)
{
	if (pool->last)
		pool->last->queued = job;
	else
		pool->first = job;
	pool->last = job;
}

static void dequeue(struct pool *pool, struct pool_job *job)
{
	struct pool_job **at = &pool->first, *before = NULL;

	while (*at && *at != job) {
		before = *at;
		at = &before->queued;
	}
	if (!*at)
		return;
	*at = job->queued;
	if (pool->last == job)
		pool->last = before;
	job->queued = NULL;
}

/* Take the next part of 'job' and do it. Called and returns with the lock held. */
static void do_part(struct pool *pool, struct pool_job *job)
{
	size_t part = job->next++;

	if (job->next == job->n_parts)
		dequeue(pool, job);
	pthread_mutex_unlock(&pool->lock);
	struct pool_job *outer = current;
	current = job;
	job->work(job->arg, part);
	current = outer;
	pthread_mutex_lock(&pool->lock);
	if (++job->done == job->n_parts)
		pthread_cond_broadcast(&pool->part_done);
}

static void *worker(void *arg)
{
	struct pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	while (!pool->stop) {
		if (pool->first)
			do_part(pool, pool->first);
		else
			pthread_cond_wait(&pool->has_work, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct pool *pool_new(size_t n_threads)
{
	struct pool *pool = mem_zero(1, sizeof(*pool));
	size_t wanted = n_threads ? MIN(n_threads, 1024) : cores_available();

	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_work, NULL);
	pthread_cond_init(&pool->part_done, NULL);
	MEM_ARRAY(pool->threads, wanted);
	pool->n_threads = 1;
	while (pool->n_threads < wanted &&
	       pthread_create(&pool->threads[pool->n_threads], NULL, worker, pool) == 0)
		pool->n_threads++;
	return pool;
}

size_t pool_size(const struct pool *pool)
{
	return pool->n_threads;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->has_work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 1; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->has_work);
	pthread_cond_destroy(&pool->part_done);
	pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}

static void start(struct pool *pool, struct pool_job *job)
{
	if (job->n_parts == 0)
		return;
	pthread_mutex_lock(&pool->lock);
	enqueue(pool, job);
	pthread_cond_broadcast(&pool->has_work);
	pthread_cond_broadcast(&pool->part_done); /* those who wait may help */
	pthread_mutex_unlock(&pool->lock);
}

static bool is_within(const struct pool_job *job, const struct pool_job *outer)
{
	while (job && job != outer)
		job = job->parent;
	return job;
}

/* A queued job that parts of 'job' are waiting for. Others are left alone: one of them might wait
 * for what this thread was doing before, and then neither would end. */
static struct pool_job *queued_within(const struct pool *pool, const struct pool_job *job)
{
	struct pool_job *at = pool->first;

	while (at && !is_within(at, job))
		at = at->queued;
	return at;
}

static void finish(struct pool *pool, struct pool_job *job)
{
	pthread_mutex_lock(&pool->lock);
	while (job->next < job->n_parts)
		do_part(pool, job);
	while (job->done < job->n_parts) {
		struct pool_job *inner = queued_within(pool, job);
		if (inner)
			do_part(pool, inner);
		else
			pthread_cond_wait(&pool->part_done, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
}

void pool_run(struct pool *pool, size_t n_parts, pool_work *work, void *job_arg)
{
	struct pool_job job = {.work = work, .arg = job_arg, .n_parts = n_parts, .parent = current};

	for (size_t part = 0; !pool && part < n_parts; part++)
		work(job_arg, part);
	if (!pool)
		return;
	if (pool->n_threads > 1 && n_parts > 1)
		start(pool, &job);
	finish(pool, &job);
}

struct pool_job *pool_start(struct pool *pool, size_t n_parts, pool_work *work, void *job_arg)
{
	struct pool_job *job = mem_zero(1, sizeof(*job));

	*job = (struct pool_job){.work = work, .arg = job_arg, .n_parts = n_parts};
	start(pool, job);
	return job;
}

void pool_wait(struct pool *pool, struct pool_job *job)
{
	finish(pool, job);
	free(job);
}
