// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <iostream>

#include "load/load.hpp"

int main(int count, char** arguments) {
    try {
        nexpo::bench::Load load(nexpo::bench::read_options({arguments + 1, arguments + std::max(count, 1)}));
        load.run();
        std::cout << load.report() << '\n';
        return 0;
    } catch (std::exception const& exception) {
        std::cerr << "nexpo_bench_load: " << exception.what() << '\n';
        return 1;
    }
}
