/* SPDX-License-Identifier: MIT */
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/term.h"

bool term_is(FILE *file)
{
	return isatty(fileno(file)) == 1;
}

unsigned term_columns(FILE *file)
{
	struct winsize size;

	return ioctl(fileno(file), TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

unsigned term_width(FILE *file)
{
	unsigned columns = term_columns(file);

	return columns < 40 ? 80 : columns;
}
