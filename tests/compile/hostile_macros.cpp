// SPDX-License-Identifier: Apache-2.0
// Names that are macros in system headers of some platforms. The standard headers come first: they may not be attacked.
#include "src/cmake/precompiled.hpp"

#include <gtest/gtest.h>

#include <compare>
#include <concepts>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <iosfwd>
#include <limits>
#include <ostream>
#include <set>
#include <stop_token>
#include <thread>
#include <tuple>
#include <type_traits>

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define small char
#define near
#define far
#define interface struct
#define major(x) (x)
#define minor(x) (x)
#define makedev(x, y) (x)
#define unix 1
#define linux 1
#define check(x) (x)
#define verify(x) (x)
#define ERROR 0
#define DELETE 1
#define IN
#define OUT
#define NO_ERROR 0
#define OPTIONAL
#define STRICT 1
#define TRUE 1
#define FALSE 0
#define None 0L
#define Bool int
#define Status int
#define Success 0
#define Always 2
#define GetObject GetObjectW
#define GetMessage GetMessageW
#define SendMessage SendMessageW
#define CreateEvent CreateEventW

#include "nexpo/nexpo.hpp"

#include "every_public_header.hpp"
