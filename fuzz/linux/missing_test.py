#!/usr/bin/env python3
"""missing.py on what clang says of files of ours that lack something, beside trees that have it and trees that have nothing."""

import sys

sys.dont_write_bytecode = True

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
HEADERS = "#include <linux/mm.h>\n#include <linux/irq_work.h>\n"
BIG_TREE = {
    "include/linux/memcontrol.h": "void mod_memcg_state_not_this(int);\nstatic inline void mod_memcg_state(struct mem_cgroup *memcg,\n\tint n)\n{\n}\n",
    "include/linux/rwsem.h": "DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))\n"
                             "DEFINE_GUARD_COND(rwsem_read, _try, down_read_trylock(_T))\n",
    "include/linux/file.h": "DEFINE_CLASS(fd, struct fd, fdput(_T), fdget(fd), int fd)\nDEFINE_FREE(fput, struct file *, if (_T) fput(_T))\n",
    "include/linux/refs.h": "struct percpu_ref {\n\tint n;\n};\n#define REFS_MAX 3\n",
}


GUARDS = (*(f"guard({kind})();" for kind in ("rcu", "rcu_tasks_trace", "preempt", "preempt_notrace", "migrate", "irq", "irqsave")),
          *(f"guard({kind})(&s->{lock});" for lock, kinds in
            (("raw", ("raw_spinlock_nested", *(f"raw_spinlock{how}{cond}" for how in ("", "_irq", "_irqsave") for cond in ("", "_try")))),
             ("spin", [f"spinlock{how}{cond}" for how in ("", "_irq", "_irqsave") for cond in ("", "_try")])) for kind in kinds))


class Missing(unittest.TestCase):
    def setUp(self):
        self.tree = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.tree)

    def compiled(self, text):
        (self.tree / "x.c").write_text(text)
        return subprocess.run(["clang-19", "-std=gnu11", "-ffreestanding", "-fsyntax-only", "-Wall", "-Werror", "-Wno-unused-function",
                               f"-I{HERE}/include", self.tree / "x.c"], capture_output=True, text=True)

    def test_every_guard_whose_lock_the_shim_has(self):
        struct = HEADERS + "#include <linux/rcupdate_trace.h>\nstruct s { raw_spinlock_t raw; spinlock_t spin; };\n"
        bodies = "".join(f"void f{i}(struct s *s) {{ {guard} {{ {guard} }} {guard.replace('guard', 'scoped_guard').replace(')(', ', ').replace(', )', ')')[:-1]} s = 0; }}\n"
                         for i, guard in enumerate(GUARDS))
        compiled = self.compiled(struct + bodies)
        self.assertEqual(compiled.returncode, 0, compiled.stderr)

    def runs(self, text):
        (self.tree / "x.c").write_text(HEADERS + "int printf(const char *, ...);\n#define is(x) do { if (!(x)) { printf(\"%s\", #x); return 1; } } while (0)\n" + text)
        compiled = subprocess.run(["clang-19", "-std=gnu11", "-Wall", "-Werror", "-Wno-unused-function", f"-I{HERE}/include", "-O2", self.tree / "x.c",
                                   "-o", self.tree / "x"], capture_output=True, text=True)
        self.assertEqual(compiled.returncode, 0, compiled.stderr)
        done = subprocess.run([self.tree / "x"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_lock_that_may_not_be_had(self):
        """The body is left out, or what is to be done instead is done; and what was not taken is not given back."""
        (self.tree / "x.c").write_text(HEADERS + """
int printf(const char *, ...);
static int is_free, taken, bodies, instead;
bool raw_spin_trylock(raw_spinlock_t *lock) { taken += is_free; return is_free; }
void raw_spin_unlock(raw_spinlock_t *lock) { taken -= 1; }
static int conditional(raw_spinlock_t *lock)
{
	scoped_cond_guard(raw_spinlock_try, return -1, lock) {
		bodies += taken;
		return 1;
	}
	return 0;
}
int main(void)
{
	raw_spinlock_t lock;
	for (is_free = 0; is_free < 2; is_free++) {
		scoped_guard(raw_spinlock_try, &lock)
			bodies += taken;
		instead += conditional(&lock);
		printf("%d %d %d;", taken, bodies, instead);
	}
	return 0;
}
""")
        compiled = subprocess.run(["clang-19", "-std=gnu11", "-Wall", "-Werror", f"-I{HERE}/include", "-O2", self.tree / "x.c", "-o", self.tree / "x"],
                                  capture_output=True, text=True)
        self.assertEqual(compiled.returncode, 0, compiled.stderr)
        self.assertEqual(subprocess.run([self.tree / "x"], capture_output=True, text=True).stdout, "0 0 -1;0 2 0;")

    def test_names_of_2022_and_of_modules(self):
        compiled = self.compiled(HEADERS + """
struct bpf_mem_alloc;
static struct kmem_cache *cache;
size_t f(const char *name)
{
	char text[32];
	void *held __free(kfree) = kmalloc(8, GFP_KERNEL);
	void *object;

	snprintf(text, sizeof(text), "bpf-%u", 8);
	cache = kmem_cache_create(text, 64, 8, SLAB_TYPESAFE_BY_RCU, NULL);
	object = kmem_cache_alloc_node(cache, GFP_NOWAIT | __GFP_ZERO, NUMA_NO_NODE);
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	return held ? __ksize(no_free_ptr(held)) : 0;
}
EXPORT_SYMBOL_NS_GPL(f, "BPF");
EXPORT_SYMBOL_FOR_MODULES(f, "kvm");
MODULE_LICENSE("GPL");
""")
        self.assertEqual(compiled.returncode, 0, compiled.stderr)

    def told(self, text, files=()):
        """What is said of a file that does not compile."""
        for name, content in {"kernel/bpf/memalloc.c": HEADERS + text, **dict(files)}.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(content)
        compiled = subprocess.run(["clang-19", "-std=gnu11", "-ffreestanding", "-ferror-limit=0", "-fsyntax-only", f"-I{HERE}/include",
                                   self.tree / "kernel/bpf/memalloc.c"], capture_output=True, text=True)
        self.assertNotEqual(compiled.returncode, 0)
        (self.tree / "log").write_text(f"[1/2] clang\nFAILED: x.o\n{compiled.stderr}")
        done = subprocess.run([HERE / "missing.py", self.tree / "log", self.tree], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_call_a_struct_and_a_constant_that_the_tree_has(self):
        said = self.told("void f(void) { mod_memcg_state(0, 1); }\nstruct x { struct percpu_ref ref; };\nint n = REFS_MAX;\n", BIG_TREE)
        self.assertIn("kernel/bpf/memalloc.c:3: mod_memcg_state is missing. The tree has it in linux/memcontrol.h. "
                      "Add it: fuzz/linux/include/linux/memcontrol.h", said)
        self.assertIn("kernel/bpf/memalloc.c:4: percpu_ref is missing. The tree has it in linux/refs.h", said)
        self.assertIn("kernel/bpf/memalloc.c:5: REFS_MAX is missing. The tree has it in linux/refs.h", said)
        self.assertNotIn("does not take", said)

    def test_a_tree_that_has_only_the_file(self):
        said = self.told("void f(void) { mod_memcg_state(0, 1); }\n")
        self.assertIn(":3: mod_memcg_state is missing. No header of the given tree declares it\n", said)
        self.assertNotIn("Add it", said)
        self.assertIn("The given tree has no headers to look in. Give a whole tree", said)
        self.assertNotIn("no headers to look in", self.told("void f(void) { mod_memcg_state(0, 1); }\n", BIG_TREE))

    def test_a_macro_outside_of_functions(self):
        tree = BIG_TREE | {"include/linux/jump_label.h": "#define DEFINE_STATIC_KEY_FALSE(name) struct key name\n"}
        for text in ("DEFINE_STATIC_KEY_FALSE(is_on);", "static DEFINE_STATIC_KEY_FALSE(is_on);"):
            said = self.told(f"{text}\n", tree)
            self.assertIn(":3: DEFINE_STATIC_KEY_FALSE is missing. The tree has it in linux/jump_label.h", said)
            self.assertNotIn("does not take", said)
            # And what it would have defined is told no more than once.
            said = self.told(f"{text}\nint f(void) {{ return sizeof(is_on) + is_off; }}\n", tree)
            self.assertIn(":3: DEFINE_STATIC_KEY_FALSE is missing", said)
            self.assertIn(":4: is_off is missing", said)
            self.assertNotIn("is_on", said)

    def test_a_use_is_no_declaration(self):
        tree = {"include/linux/a.h": "static inline int g(void)\n{\n\treturn mod_it(1);\n}\n", "include/linux/the_one.h": "int\nmod_it(int n);\n"}
        self.assertIn("mod_it is missing. The tree has it in linux/the_one.h", self.told("int f(void) { return mod_it(1); }\n", tree))

    def test_guards_of_the_files_own(self):
        """Kinds that a file, or a header of its tree, defines by the kernel's macros: what is taken is given back, once, and what was not is not."""
        self.runs("""
static int is_free, taken, irqs;
bool raw_spin_trylock(raw_spinlock_t *lock) { taken += is_free; return is_free; }
void raw_spin_lock(raw_spinlock_t *lock) { taken++; }
void raw_spin_unlock(raw_spinlock_t *lock) { taken--; }
void raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags) { taken--; irqs = flags; }
unsigned long rcufarm_irq_save(void) { return irqs++; }
void rcufarm_irq_restore(unsigned long flags) { irqs = flags; }
struct cache { raw_spinlock_t lock; int active; };
DEFINE_GUARD(cache, struct cache *, raw_spin_lock(&_T->lock), raw_spin_unlock(&_T->lock))
DEFINE_GUARD_COND(cache, _try, raw_spin_trylock(&_T->lock))
DEFINE_GUARD_COND(cache, _wait, raw_spin_trylock(&_T->lock) ? 0 : -11, _RET == 0)
DEFINE_LOCK_GUARD_1(active, struct cache, local_irq_save(_T->flags); _T->n = ++_T->lock->active,
		    _T->lock->active--; local_irq_restore(_T->flags), unsigned long flags; int n)
DEFINE_LOCK_GUARD_0(all, local_irq_save(_T->flags); taken++, taken--; local_irq_restore(_T->flags), unsigned long flags)
DEFINE_CLASS(taker, int, taken -= _T, (taken += n, n), int n)
int main(void)
{
	struct cache c = {};
	int bodies = 0;
	{ guard(cache)(&c); is(taken == 1); }
	is(taken == 0);
	for (is_free = 0; is_free < 2; is_free++) {
		scoped_guard(cache_try, &c) { bodies++; is(taken == 1); }
		scoped_guard(cache_wait, &c) { bodies++; is(taken == 1); }
		scoped_guard(raw_spinlock_irqsave_try, &c.lock) { bodies++; is(taken == 1 && irqs == 1); }
		is(taken == 0 && irqs == 0 && bodies == 3 * is_free);
	}
	{ guard(active)(&c); is(c.active == 1 && irqs == 1); }
	is(c.active == 0 && irqs == 0);
	scoped_guard(all) is(taken == 1 && irqs == 1);
	is(taken == 0 && irqs == 0);
	{ CLASS(taker, three)(3); is(taken == 3 && three == 3); }
	is(taken == 0);
	return 0;
}
""")

    def test_what_ends_with_a_scope_is_told_by_the_kernels_name(self):
        said = self.told("void f(void *x) { guard(rwsem_read_try)(x); }\nvoid g(void) { CLASS(fd, f)(3); }\n"
                         "void h(void) { void *x __free(fput) = 0; }\nvoid i(void) { void *x __free(kfre) = 0; }\n"
                         "void j(void *x) { guard(nobodys)(x); }\n", BIG_TREE)
        for name, place in (("guard(rwsem_read_try)", "The tree has it in linux/rwsem.h"), ("CLASS(fd)", "The tree has it in linux/file.h"),
                            ("__free(fput)", "The tree has it in linux/file.h"), ("guard(nobodys)", "No header of the given tree declares it")):
            self.assertIn(f"{name} is missing. {place}", said)
        self.assertIn(":6: use of undeclared identifier '__free(kfre)'; did you mean '__free(kfree)'?", said)
        self.assertNotIn("rcufarm_", said)

    def test_a_guard_is_told_by_the_kernels_name(self):
        for text in ("guard(rwsem_read)(x);", "scoped_guard(rwsem_read, x) f(x);", "scoped_cond_guard(rwsem_read, return, x) f(x);"):
            said = self.told(f"void f(void *x) {{ {text} }}\n", BIG_TREE)
            self.assertIn("guard(rwsem_read) is missing. The tree has it in linux/rwsem.h", said)
            self.assertNotIn("rcufarm_", said)

    def test_a_header(self):
        said = self.told("#include <linux/not_there.h>\n")
        self.assertIn("the header <linux/not_there.h> is missing. Add it: fuzz/linux/include/linux/not_there.h", said)

    def test_errors_of_other_kinds_have_their_own_heading(self):
        said = self.told("int x;\n<<<<<<< HEAD\nint y;\n=======\nint z;\n>>>>>>> other\n")
        self.assertNotIn("does not have", said)
        self.assertTrue(said.startswith("What the compiler does not take:\n  kernel/bpf/memalloc.c:4: version control conflict marker"), said)

    def test_what_is_misspelt_is_no_lack_of_the_shim(self):
        said = self.told("struct cache { int in_progress; };\nint f(struct cache *c) { return c->in_progres; }\n"
                         "static int counter;\nint g(void) { return countr; }\nvoid h(void *x) { kfre(x); }\n",
                         {"kernel/bpf/other.h": ""})
        self.assertIn(":4: no member named 'in_progres' in 'struct cache'; did you mean 'in_progress'?", said)
        self.assertIn(":6: use of undeclared identifier 'countr'; did you mean 'counter'?", said)
        self.assertRegex(said, ":7: call to undeclared function 'kfre'.*; did you mean 'kfree'")
        self.assertNotIn("in the shim", said)

    def test_a_macro_of_the_files_own_is_not_missing(self):
        said = self.told("#define TWO_OF(a, b) ((a) + (b))\nint three = TWO_OF(1);\n")
        self.assertNotIn("is missing", said)
        self.assertIn(":4: too few arguments provided to function-like macro invocation", said)

    def test_a_macro_that_the_shim_has_is_not_missing(self):
        tree = {"include/linux/deep/pq.h": "#define noinline __attribute__((noinline))\n"}
        (self.tree / "taken.h").touch()
        said = self.told("static __attribute__((noinline)) int f(void) { return 0; }\n", tree)
        self.assertNotIn("is missing", said)
        self.assertTrue(said.startswith("What the compiler does not take:\n  kernel/bpf/memalloc.c:3: "), said)
        self.assertEqual(subprocess.run([HERE / "helpers.py", self.tree / "log", self.tree]).returncode, 1)

    def test_a_field_that_the_shims_struct_has_not(self):
        said = self.told("int f(struct irq_work *w) { return w->irqwait; }\n")
        self.assertIn("struct irq_work has no field irqwait in the shim", said)

    def test_inline_helpers_of_the_trees_own_headers(self):
        """As often as it gets on: a function, the one that it calls, the macro in that; then it compiles."""
        helpers = """static inline size_t full_of(const void *p);
static inline size_t full_of(const void *p)
{
\tif (p) { return ksize(p) + inner_of(p); }
\treturn 0;
}
static __always_inline size_t inner_of(const void *p) { return BOTH_OF(1, 2); }
#define BOTH_OF(a, b) \\
\t((a) + (b))
"""
        self.has("size_t f(void *p) { return full_of(p); }\n", helpers)
        builds, said = self.built_with_helpers()
        self.assertEqual(builds, 4)
        for name in ("full_of", "inner_of", "BOTH_OF"):
            self.assertIn(f"{name} is taken from the tree's own linux/deep/size.h", said)
        # What nobody has is not taken.
        (self.tree / "log").write_text("x.c:1:1: error: call to undeclared function 'nowhere'\n")
        self.assertEqual(subprocess.run([HERE / "helpers.py", self.tree / "log", self.tree]).returncode, 1)

    def has(self, file, header):
        for name, content in (("include/linux/deep/size.h", header), ("x.c", HEADERS + file), ("include/linux/bpf_mem_alloc.h", "struct bpf_mem_alloc;\n"),
                              ("taken.h", "")):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(content)

    def built_with_helpers(self):
        """How many builds it takes until one succeeds, or until nothing gets on; and what was said, by missing.py too where none did."""
        said, builds = "", 0
        while True:
            builds += 1
            compiled = subprocess.run(["clang-19", "-std=gnu11", "-ffreestanding", "-ferror-limit=0", "-fsyntax-only", f"-I{HERE}/include",
                                       f"-I{self.tree}/include", "-include", self.tree / "taken.h", self.tree / "x.c"], capture_output=True, text=True)
            if compiled.returncode == 0:
                return builds, said
            (self.tree / "log").write_text(compiled.stderr)
            taken = subprocess.run([HERE / "helpers.py", self.tree / "log", self.tree], capture_output=True, text=True)
            said += taken.stdout
            self.assertEqual(taken.stderr, "")
            if taken.returncode != 0:
                return builds, said + subprocess.run([HERE / "missing.py", self.tree / "log", self.tree], capture_output=True, text=True).stdout

    def test_a_helper_that_needs_what_no_helper_is(self):
        """The name that the file wants is told, and no other; what else it wants is taken."""
        for header in ("struct flag_of { int n; };\nstatic inline int flag_of(void) { return 0; }\n#define DEFINE_FLAG(name) struct flag_of name = FLAG_INIT\n#define FLAG_INIT { 1 }\n",
                       "int flag_of(int n);\nstatic inline int flag_for(void) { return flag_of(1); }\n#define DEFINE_FLAG(name) int name(void) { return flag_for(); }\n"):
            self.has("DEFINE_FLAG(is_on)\n;int f(void) { return TWO; }\n", header + "#define TWO 2\n")
            builds, said = self.built_with_helpers()
            self.assertIn("DEFINE_FLAG is not taken from the tree's own headers: it needs flag_of, which is no inline function and no macro", said)
            self.assertRegex(said, r"x\.c:3: DEFINE_FLAG is missing. The tree has it in linux/deep/size.h")
            self.assertEqual(said.count("is missing"), 1, said)
            self.assertIn("TWO is taken", said)
            self.assertNotIn("flag_of", (self.tree / "taken.h").read_text())
            self.assertLessEqual(builds, 4)

    def test_a_chain_of_helpers_has_an_end(self):
        header = "".join(f"#define LINK_{n} (1 + LINK_{n + 1})\n" for n in range(1, 60))
        self.has("int f(void) { return LINK_1; }\n", header)
        builds, said = self.built_with_helpers()
        self.assertIn("LINK_1 is not taken from the tree's own headers: it needs more than 4 names", said)
        self.assertRegex(said, r"x\.c:3: LINK_1 is missing. The tree has it in linux/deep/size.h")
        self.assertEqual(said.count("is missing"), 1, said)
        self.assertEqual(builds, 6)
        # And one that comes back to where it began.
        self.has("int f(void) { return ping(1); }\n", "static inline int ping(int n) { return n ? pong(n) : 0; }\nstatic inline int pong(int n) { return ping(n - 1); }\n")
        builds, said = self.built_with_helpers()
        self.assertRegex(said, r"x\.c:3: ping is missing. The tree has it in linux/deep/size.h")
        self.assertLessEqual(builds, 4)

    def test_helpers_of_one_build_that_need_each_other(self):
        self.has("int f(void) { return both(1); }\n", "static inline int both(int n) { return first(n) + second(n); }\n"
                 "static inline int second(int n) { return n; }\nstatic inline int first(int n) { return second(n); }\n")
        builds, said = self.built_with_helpers()
        self.assertEqual((builds, said.count("is taken"), said.count("is missing")), (3, 3, 0), said)

    def test_what_does_not_compile_where_it_is_taken_goes_again(self):
        self.has("int f(void) { return odd_one(1); }\n", "static inline int odd_one(int n) { return n->x; }\n")
        said = self.built_with_helpers()[1]
        self.assertIn("odd_one is not taken from the tree's own headers: in it the compiler finds: member reference type", said)
        self.assertIn("x.c:3: odd_one is missing", said)

    def helped(self, *options, again=False):
        log = "--again"
        if not again:
            log = self.tree / "log"
            log.write_text("x.c:1:1: error: call to undeclared function 'count_of'\n")
        done = subprocess.run([HERE / "helpers.py", log, self.tree, *options], capture_output=True, text=True)
        return done.returncode, done.stdout, (self.tree / "taken.h").read_text()

    def test_of_two_definitions_the_builds_options_choose(self):
        header = self.tree / "include/linux/count.h"
        header.parent.mkdir(parents=True)
        real, stub = (f"static inline int count_of(void *p) {{ return {n}; }}\n" for n in (1, 0))
        for text in (f"#ifndef _COUNT_H\n#ifdef CONFIG_MEMCG\n{real}#else\n{stub}#endif\n#endif\n", f"#ifndef CONFIG_MEMCG\n{stub}#else\n{real}#endif\n",
                     f"#if !IS_ENABLED(CONFIG_MEMCG)\n{stub}#endif\n#if defined(CONFIG_SMP) && defined CONFIG_MEMCG\n{real}#endif\n",
                     f"#ifndef __KERNEL__\n{stub}{real}#else\n#ifdef CONFIG_MEMCG\n{real}#else\n{stub}#endif\n#endif\n",
                     f"#if defined(CONFIG_NO_SUCH)\n#elif !defined(CONFIG_MEMCG) || defined(CONFIG_NO_SUCH)\n{stub}#else\n{real}#endif\n"):
            header.write_text(text)
            for options, wanted in (((), real), (("CONFIG_MEMCG=0",), stub)):
                (self.tree / "taken.h").write_text("")
                code, _, taken = self.helped(*options)
                self.assertEqual((code, real in taken, stub in taken), (0, wanted == real, wanted == stub), text)
        # One that is not for this build is no definition at all.
        header.write_text(f"#ifdef CONFIG_MEMCG\nint count_of(void *p);\n#else\n{stub}#endif\n")
        (self.tree / "taken.h").write_text("")
        self.assertEqual(self.helped()[0], 1)

    def test_what_was_taken_before_is_the_headers_of_today(self):
        header = self.tree / "include/linux/count.h"
        header.parent.mkdir(parents=True)
        header.write_text("static inline int count_of(void *p) { return 1; }\n")
        (self.tree / "taken.h").write_text("")
        self.assertEqual(self.helped(again=True)[0], 1)
        first = self.helped()
        self.assertEqual(first[0], 0)
        before = (self.tree / "taken.h").stat().st_mtime_ns
        code, said, taken = self.helped(again=True)
        self.assertEqual((code, said, taken), (0, *first[1:]))
        self.assertEqual((self.tree / "taken.h").stat().st_mtime_ns, before)
        header.write_text("static inline int count_of(void *p) { return 2; }\n")
        self.assertIn("return 2;", self.helped(again=True)[2])

    def test_a_log_without_an_error_is_no_answer(self):
        (self.tree / "log").write_text("ninja: no work to do\n")
        self.assertEqual(subprocess.run([HERE / "missing.py", self.tree / "log", self.tree]).returncode, 1)


if __name__ == "__main__":
    unittest.main()
