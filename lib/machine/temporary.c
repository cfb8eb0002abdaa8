/* SPDX-License-Identifier: MIT */
/* The names under which nodes are made before they are put in their place. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nodes.h"

#define PREFIX ".dmkit-"
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)
#define THREAD_DIGITS 8
#define TIME_DIGITS 16
#define NS_PER_S INT64_C(1000000000)

/* As /proc/PID/stat has the time at which a process began. */
int64_t dmk_time_since_boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static char *put_hex(char *at, uint64_t number, unsigned int digits)
{
	while (digits--)
		*at++ = "0123456789abcdef"[number >> 4 * digits & 15];
	return at;
}

static bool take_hex(const char **at, unsigned int digits, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (; digits; digits--, ++*at) {
		int digit = dmk_hex_digit(**at);

		if (digit < 0)
			return false;
		number = number << 4 | (uint64_t)digit;
	}
	*ret_number = number;
	return true;
}

/*
 * .dmkit-THREAD-TIME and then hyphens up to a byte more than a device's name can have: whatever
 * devices are called, none has its node there. No other thread of this pid namespace has the name,
 * and one of another namespace finds it taken and takes the next.
 */
void dmk_temporary_name(char *name)
{
	char *at = memcpy(name, PREFIX, PREFIX_LENGTH);

	at = put_hex(at + PREFIX_LENGTH, (uint64_t)syscall(SYS_gettid), THREAD_DIGITS);
	*at++ = '-';
	at = put_hex(at, (uint64_t)dmk_time_since_boot_ns(), TIME_DIGITS);
	memset(at, '-', (size_t)(name + DMK_TEMPORARY_LENGTH - at));
	name[DMK_TEMPORARY_LENGTH] = '\0';
}

static bool parse(const char *name, uint64_t *ret_thread, uint64_t *ret_ns)
{
	const char *at = name + PREFIX_LENGTH;

	return strlen(name) == DMK_TEMPORARY_LENGTH && memcmp(name, PREFIX, PREFIX_LENGTH) == 0 &&
	       take_hex(&at, THREAD_DIGITS, ret_thread) && *at++ == '-' &&
	       take_hex(&at, TIME_DIGITS, ret_ns) && at[strspn(at, "-")] == '\0';
}

bool dmk_is_temporary(const char *name)
{
	uint64_t thread, ns;

	return parse(name, &thread, &ns);
}

/* State and begin of a thread, out of /proc/TID/stat; false: that cannot be read. */
static bool read_thread(uint64_t thread, char *ret_state, int64_t *ret_begin_ns)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = -1;
	char text[1024], path[48];
	const char *at;
	uint64_t ticks;
	ssize_t n;

	dmk_print_text(path, sizeof(path), "/proc/%u/stat", (unsigned int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	at = strrchr(text, ')'); /* of the command's name, which may have any bytes */
	if (!at || at[1] != ' ')
		return false;
	*ret_state = at[2];
	/* The state is field 3, the begin field 22. */
	at += 2;
	for (int field = 3; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || !dmk_take_u64(&at, INT64_MAX / NS_PER_S, &ticks))
		return false;
	*ret_begin_ns = (int64_t)ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
	return true;
}

bool dmk_thread_has_ended(uint32_t thread, int64_t seen_ns)
{
	int64_t begin_ns;
	char state;

	if (kill((pid_t)thread, 0) < 0 && errno == ESRCH)
		return true;
	/* It is there: it, a zombie, or one that began later and got its number. */
	return read_thread(thread, &state, &begin_ns) &&
	       (state == 'Z' || state == 'X' || begin_ns > seen_ns);
}

bool dmk_temporary_is_left(const char *name)
{
	uint64_t thread, ns;

	return parse(name, &thread, &ns) && dmk_thread_has_ended((uint32_t)thread, (int64_t)ns);
}
