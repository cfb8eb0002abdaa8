/* SPDX-License-Identifier: MIT */
/*
 * malloc() for the static command, see printf.c. musl's asks the kernel five times before it has a
 * first byte, and those are pages of its own; each of them costs more than all else that `version`
 * does. Here the first 64 KiB are in .bss. Rooms are powers of two, the free ones of a size in one
 * list; what is large is mapped, and goes back when it is freed.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALLEST 5 /* powers of two, with the head */
#define LARGEST 16
#define ARENA_BYTES ((size_t)1 << 18)
#define PAGE ((size_t)4096)
/* In each head, so that a pointer that is freed twice or is none of ours ends the process. */
#define USED UINT64_C(0xd2a1107ed0000000)
#define FREE UINT64_C(0xd2f4eeed00000000)

struct room {
	size_t size; /* with the head; of a small one the power */
	uint64_t mark;
	struct room *next; /* of a free one: its user's first bytes */
};
#define HEAD offsetof(struct room, next)
/* Where it is inlined the compiler, which knows what malloc() is, would judge these stores by that.
 */
#define OUTSIDE __attribute__((noipa))

static _Alignas(16) char first[1 << LARGEST] __attribute__((section(".bss..large")));
static struct room *freed[LARGEST + 1];
static char *at = first;
static size_t left = sizeof(first);
static bool locked;

static void lock(void)
{
	while (__atomic_exchange_n(&locked, true, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock(void)
{
	__atomic_store_n(&locked, false, __ATOMIC_RELEASE);
}

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* One that was never used, and is zero therefore. What is left of the last arena is lost. */
static struct room *new_room(size_t size)
{
	struct room *room;

	if (left < size) {
		char *arena = map(ARENA_BYTES);

		if (!arena)
			return NULL;
		at = arena;
		left = ARENA_BYTES;
	}
	room = (struct room *)at;
	at += size;
	left -= size;
	return room;
}

static struct room *small_room(size_t size, bool *ret_zero)
{
	size_t power = size <= (size_t)1 << SMALLEST
			       ? SMALLEST
			       : 64 - (size_t)__builtin_clzll((unsigned long long)size - 1);
	struct room *room;

	lock();
	room = freed[power];
	*ret_zero = !room;
	if (room)
		freed[power] = room->next;
	else
		room = new_room((size_t)1 << power);
	unlock();
	if (room)
		room->size = power;
	return room;
}

static struct room *large_room(size_t size)
{
	struct room *room = map(size);

	if (room)
		room->size = size;
	return room;
}

static bool is_small(const struct room *room)
{
	return room->size <= LARGEST;
}

/* What a room for n bytes has to have; 0: there is none. */
static size_t size_for(size_t n)
{
	if (n > PTRDIFF_MAX - HEAD - PAGE)
		return 0;
	n += HEAD;
	return n <= (size_t)1 << LARGEST ? n : (n + PAGE - 1) & ~(PAGE - 1);
}

static void *allocate(size_t n, bool *ret_zero)
{
	size_t size = size_for(n);
	struct room *room = NULL;

	*ret_zero = true;
	if (size)
		room = size <= (size_t)1 << LARGEST ? small_room(size, ret_zero) : large_room(size);
	if (!room) {
		errno = ENOMEM;
		return NULL;
	}
	room->mark = USED;
	return &room->next;
}

static struct room *room_of(void *memory)
{
	struct room *room = (struct room *)((char *)memory - HEAD);

	if (room->mark != USED)
		abort();
	return room;
}

OUTSIDE void *malloc(size_t n)
{
	bool zero;

	return allocate(n, &zero);
}

OUTSIDE void *calloc(size_t n, size_t size)
{
	size_t bytes;
	void *memory;
	bool zero;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	memory = allocate(bytes, &zero);
	if (memory && !zero)
		memset(memory, 0, bytes);
	return memory;
}

OUTSIDE void free(void *memory)
{
	int error = errno;
	struct room *room;

	if (!memory)
		return;
	room = room_of(memory);
	if (is_small(room)) {
		room->mark = FREE;
		lock();
		room->next = freed[room->size];
		freed[room->size] = room;
		unlock();
	} else {
		munmap(room, room->size);
		errno = error;
	}
}

OUTSIDE void *realloc(void *memory, size_t n)
{
	size_t have, size = size_for(n);
	struct room *room;
	void *more;

	if (!memory)
		return malloc(n);
	room = room_of(memory);
	have = is_small(room) ? (size_t)1 << room->size : room->size;
	if (size && size <= have && is_small(room))
		return memory;
	if (size > (size_t)1 << LARGEST && !is_small(room)) {
		room = mremap(room, have, size, MREMAP_MAYMOVE);
		if (room == MAP_FAILED)
			return NULL;
		room->size = size;
		return &room->next;
	}
	more = malloc(n);
	if (!more)
		return NULL;
	memcpy(more, memory, n < have - HEAD ? n : have - HEAD);
	free(memory);
	return more;
}
