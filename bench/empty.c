/* SPDX-License-Identifier: MIT */
/* What a program that links libc alone costs at the least. */
int main(void)
{
	return 0;
}
