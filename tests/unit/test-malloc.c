/* SPDX-License-Identifier: MIT */
/* The static command's own malloc(): rooms apart from each other, zero where that is promised. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *own_malloc(size_t n);
void *own_calloc(size_t n, size_t size);
void *own_realloc(void *memory, size_t n);
void own_free(void *memory);
#define malloc own_malloc
#define calloc own_calloc
#define realloc own_realloc
#define free own_free
#include "../../cli/malloc.c"
#undef malloc
#undef calloc
#undef realloc
#undef free

#include <pthread.h>

#include "unit.h"

#define ROOMS 64
#define STEPS 20000

struct filled {
	unsigned char *bytes;
	size_t size;
	unsigned char with;
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Now and then one that is mapped. */
static size_t some_size(uint32_t *random)
{
	uint32_t r = next_random(random);

	return r % 50 == 0 ? 40000 + r % 200000 : r % 3000;
}

static bool is_filled(const struct filled *filled, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (filled->bytes[i] != filled->with)
			return false;
	return true;
}

/* NULL, or what was wrong. */
static void *exercise(void *seed)
{
	uint32_t random = *(uint32_t *)seed;
	struct filled rooms[ROOMS] = { 0 };
	const char *wrong = NULL;

	for (unsigned step = 0; step < STEPS && !wrong; step++) {
		struct filled *room = &rooms[next_random(&random) % ROOMS];
		size_t size = some_size(&random), kept = room->size < size ? room->size : size;

		if (room->bytes && !is_filled(room, room->size)) {
			wrong = "a room was written to";
			break;
		}
		if (room->bytes && step % 3) {
			room->bytes = own_realloc(room->bytes, size);
			if (!is_filled(room, kept))
				wrong = "realloc() lost something";
		} else {
			own_free(room->bytes);
			room->bytes = own_calloc(size, 1);
			room->with = 0;
			if (!is_filled(room, size))
				wrong = "calloc() is not zero";
		}
		if ((uintptr_t)room->bytes % 16)
			wrong = "not aligned";
		room->size = size;
		room->with = (unsigned char)step;
		memset(room->bytes, room->with, size);
	}
	for (unsigned i = 0; i < ROOMS; i++)
		own_free(rooms[i].bytes);
	return (void *)wrong;
}

static void rooms(void **state)
{
	uint32_t seed = 1;

	(void)state;
	assert_null(exercise(&seed));
}

static void threads(void **state)
{
	uint32_t seeds[4] = { 2, 3, 4, 5 };
	pthread_t ids[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, exercise, &seeds[i]), 0);
	for (unsigned i = 0; i < 4; i++) {
		void *wrong;

		assert_int_equal(pthread_join(ids[i], &wrong), 0);
		assert_null(wrong);
	}
}

static void impossible(void **state)
{
	void *small = own_malloc(1);

	(void)state;
	errno = 0;
	assert_null(own_malloc(SIZE_MAX));
	assert_int_equal(errno, ENOMEM);
	assert_null(own_malloc(PTRDIFF_MAX));
	assert_null(own_calloc(SIZE_MAX / 2, 4));
	assert_null(own_realloc(small, SIZE_MAX - 8));
	own_free(small);
	own_free(NULL);
}

/* What is large goes back, and grows without a copy of it beside. */
static void large(void **state)
{
	const size_t size = (size_t)1 << 20;
	char *memory = own_malloc(size);

	(void)state;
	memory[size - 1] = 'x';
	memory = own_realloc(memory, 4 * size);
	assert_int_equal(memory[size - 1], 'x');
	assert_int_equal(memory[4 * size - 1], 0);
	memory = own_realloc(memory, 2 * size);
	assert_int_equal(memory[size - 1], 'x');
	memory = own_realloc(memory, 10);
	own_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms),
		cmocka_unit_test(threads),
		cmocka_unit_test(impossible),
		cmocka_unit_test(large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
