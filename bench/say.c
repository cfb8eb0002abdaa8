/* SPDX-License-Identifier: MIT */
/* What a program of bench says, and its end. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

void end(int status)
{
	fflush(NULL);
	/* The first process is the machine; with -no-reboot that is its end. */
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	exit(status);
}

void die(const char *format, ...)
{
	va_list args;

	printf("! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	end(1);
}

void figure(const char *bench, const char *series, int64_t value)
{
	printf("@ %s %s %" PRId64 "\n", bench, series, value);
}
