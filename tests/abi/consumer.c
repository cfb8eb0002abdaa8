/* SPDX-License-Identifier: MIT */
/* A program that uses the installed library; C and C++ alike. */
#include <dmkit.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	struct dmk_version version;
	struct dmk_table *table;
	struct dmk *dm;
	int ok;

	dmk_library_version(&version);
	if (dmk_new(&dm) < 0 || dmk_table_new(&table) < 0)
		return 1;
	ok = dmk_table_add_zero(table, DMK_NEXT, 8) == 0 && dmk_table_size_sectors(table) == 8 &&
	     dmk_create(dm, "a/b", table, NULL, NULL) < 0 &&
	     strcmp(dmk_errno_name(dmk_last_error(dm)->code), "EINVAL") == 0;
	printf("%u.%u.%u %s\n", version.major, version.minor, version.patch,
	       ok ? "works" : "fails");
	dmk_table_free(table);
	dmk_free(dm);
	return !ok;
}
