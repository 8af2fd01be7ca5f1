// Starts ThreadSanitizer before the program's own code runs; this is preloaded after its library.
// Otherwise it starts with the first call of a function that it intercepts. If that function is
// setjmp(), as in the shells that the tests run, it crashes.

void __tsan_init(void);

__attribute__((constructor)) static void start(void) { __tsan_init(); }
