# SPDX-License-Identifier: Apache-2.0
# Run by nexpo_embed_migrations: cmake -DOWNER=… -DFILES=… -DOUTPUT=… -P write_migrations.cmake
cmake_minimum_required(VERSION 3.25)

# raw_literal(<text> <variable>): the text as a raw string literal under a delimiter that it does not contain.
function(raw_literal text variable)
    set(delimiter sql)
    set(tries 0)
    string(FIND "${text}" ")${delimiter}\"" found)
    while(NOT found EQUAL -1)
        math(EXPR tries "${tries} + 1")
        set(delimiter "sql${tries}")
        string(FIND "${text}" ")${delimiter}\"" found)
    endwhile()
    set(${variable} "R\"${delimiter}(${text})${delimiter}\"" PARENT_SCOPE)
endfunction()

set(entries "")
foreach(file IN LISTS FILES)
    file(READ "${file}" bytes HEX)
    string(REGEX MATCHALL ".." bytes "${bytes}")
    if(NOT bytes OR "00" IN_LIST bytes OR "0d" IN_LIST bytes)
        message(FATAL_ERROR "${file} is empty or contains NUL or carriage returns")
    endif()
    cmake_path(GET file STEM stem)
    string(REGEX MATCH "^0*([1-9][0-9]*)_(.+)$" matched "${stem}")
    set(number "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    file(READ "${file}" text)
    raw_literal("${text}" literal)
    string(APPEND entries "        {.owner = \"nexpo/${OWNER}\", .number = ${number}, .name = \"${name}\", .sql = ${literal}},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from the SQL files of ${OWNER}.
#include <vector>

#include \"nexpo/store.hpp\"

namespace nexpo::${OWNER} {

std::vector<nexpo::Migration> const& migrations();

std::vector<nexpo::Migration> const& migrations() {
    static std::vector<nexpo::Migration> const all = {
${entries}    };
    return all;
}

}  // namespace nexpo::${OWNER}
")
