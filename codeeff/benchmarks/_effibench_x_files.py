"""What EffiBench-X puts around the functions that are asked for, language by language."""

import re
from typing import Final

PLACEHOLDER: Final = "==Code Submission=="
LANGUAGES: Final = {
    "python3": "python",
    "cpp": "cpp_20",
    "java": "java",
    "javascript": "javascript",
    "ruby": "ruby",
    "golang": "go",
}
"""Ours by the data set's."""
PREAMBLES: Final = {
    "python3": """\
import bisect, collections, copy, functools, heapq, itertools, json, math, operator, pickle, random, re, string, sys
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict, defaultdict, deque
from functools import cache, lru_cache, reduce
from heapq import heapify, heappop, heappush, heappushpop, nlargest, nsmallest
from itertools import accumulate, chain, combinations, groupby, permutations, product, zip_longest
from json import loads
from math import ceil, comb, cos, e, factorial, floor, gcd, inf, isqrt, lcm, log2, perm, pi, sin, sqrt, tan
from re import findall, finditer, match, search, split, sub
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits, hexdigits, punctuation, whitespace
from sys import maxsize, stdin
from typing import Dict, List, Optional, Set, Tuple
""",
    "cpp": "#include <bits/stdc++.h>\nusing namespace std;\n",
    "java": "".join(
        f"import java.{one}.*;\n" for one in ("io", "math", "text", "util", "util.function", "util.stream")
    ),
    "javascript": """\
for (const name of ["assert", "buffer", "crypto", "events", "fs", "os", "path", "perf_hooks", "querystring",
                    "readline", "stream", "string_decoder", "timers", "url", "util", "zlib"])
    Object.defineProperty(globalThis, name, { value: require(name), configurable: true, writable: true });
""",
    "ruby": "".join(
        f"require '{one}'\n" for one in ("bigdecimal", "date", "json", "securerandom", "set", "stringio", "time")
    ),
    "golang": """\
package main

import (
	"bufio"
	"container/heap"
	"container/list"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/bits"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

var (
	_ = bufio.NewReader
	_ = heap.Init
	_ = list.New
	_ = fmt.Sprint
	_ = io.EOF
	_ = math.Pi
	_ = big.NewInt
	_ = bits.Len
	_ = rand.Int
	_ = os.Exit
	_ = reflect.TypeOf
	_ = regexp.MustCompile
	_ = sort.Ints
	_ = strconv.Itoa
	_ = strings.Split
	_ = time.Now
)
""",
}
"""What functions may use without importing it: the published imports, but for packages that no box has."""
IMPORTS: Final = {
    "java": re.compile(r"^\s*import\s[^;\n]*;", re.MULTILINE),
    "golang": re.compile(r"^\s*(?:package\s+main\b|import\s*\([^)]*\)|import\s.*)", re.MULTILINE),
}
"""What may not stand in the middle of a file."""


def template(language: str, runner: str) -> str:
    """The whole file around a function."""
    lines = ["{program}" if PLACEHOLDER in line else line for line in runner.split("\n")]
    return f"{PREAMBLES[language]}\n" + "\n".join(lines)


def without_imports(language: str, program: str) -> str:
    """A function as it may stand in the middle of a file."""
    return IMPORTS[language].sub("", program) if language in IMPORTS else program
