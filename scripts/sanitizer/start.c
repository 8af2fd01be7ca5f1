// Preloaded after ThreadSanitizer's library, to start it before the program's own code runs. It
// would start with the first call of a function that it intercepts; but if that is setjmp(), as in
// the shells that the tests run, it crashes.

void __tsan_init(void);

__attribute__((constructor)) static void start(void) { __tsan_init(); }
