// SPDX-License-Identifier: Apache-2.0
#include "common/log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace nexpo::hosts {
namespace {

class Pipe {
 public:
    Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    ~Pipe() {
        close_reader();
        close_writer();
    }

    int writer() const { return ends_[1]; }
    void close_reader() { close_once(ends_[0]); }
    void close_writer() { close_once(ends_[1]); }
    std::string read_some() const {
        std::string piece(65'536, '\0');
        auto const count = ::read(ends_[0], piece.data(), piece.size());
        piece.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return piece;
    }
    /// Until the writing end is closed.
    std::string read_all() const {
        std::string all;
        for (auto piece = read_some(); !piece.empty(); piece = read_some()) all += piece;
        return all;
    }

 private:
    static void close_once(int& end) {
        if (end >= 0) ::close(std::exchange(end, -1));
    }

    std::array<int, 2> ends_{-1, -1};
};

std::size_t count_lines(std::string const& text, std::string_view holding) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find('\n', at);
        if (std::string_view(text).substr(at, end - at).find(holding) != std::string_view::npos) ++count;
        at = end + 1;
    }
    return count;
}

/// How many lines are said to be lost, by however many lines say so.
std::size_t count_lost(std::string const& text) {
    constexpr std::string_view kLost = R"("message":"log lines were lost","lines":)";
    std::size_t count = 0;
    for (auto at = text.find(kLost); at != text.npos; at = text.find(kLost, at)) {
        at += kLost.size();
        count += std::stoul(text.substr(at, 20));
    }
    return count;
}

TEST(LogWriter, WritesLinesInOrder) {
    Pipe pipe;
    {
        LogWriter log(pipe.writer());
        for (int i = 0; i < 500; ++i) log.write(std::to_string(i));
    }
    pipe.close_writer();
    std::string expected;
    for (int i = 0; i < 500; ++i) expected += std::to_string(i) + '\n';
    EXPECT_EQ(pipe.read_all(), expected);
}

TEST(LogWriter, WritesALoneLineSoon) {
    Pipe pipe;
    LogWriter log(pipe.writer());
    log.write("first");
    EXPECT_EQ(pipe.read_some(), "first\n");
    log.write("second");
    EXPECT_EQ(pipe.read_some(), "second\n");
}

TEST(LogWriter, LosesLinesRatherThanTimeAndSaysHowMany) {
    Pipe pipe;
    std::string const line(1'000, 'x');
    std::string text;
    std::thread reader;
    {
        LogWriter log(pipe.writer());
        for (int i = 0; i < 6'000; ++i) log.write(line);  // nobody reads: queue and pipe hold a third of it at most
        reader = std::thread([&] { text = pipe.read_all(); });
    }
    pipe.close_writer();
    reader.join();
    auto const kept = count_lines(text, line);
    EXPECT_LT(kept, 3'000U);
    EXPECT_EQ(count_lost(text), 6'000 - kept);
}

TEST(LogWriter, EndsWhenNobodyCanRead) {
    Pipe pipe;
    pipe.close_reader();
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    {
        LogWriter log(pipe.writer());
        log.write("lost");
    }
    std::signal(SIGPIPE, before);
}

TEST(LogWriterConcurrency, KeepsLinesWhole) {
    Pipe pipe;
    std::string text;
    std::thread reader([&] { text = pipe.read_all(); });
    {
        LogWriter log(pipe.writer());
        std::vector<std::thread> threads;
        for (char name = 'a'; name < 'e'; ++name) {
            threads.emplace_back([&log, name] {
                for (int i = 0; i < 200; ++i) log.write(std::string(50, name));
            });
        }
        for (auto& thread : threads) thread.join();
    }
    pipe.close_writer();
    reader.join();
    for (char name = 'a'; name < 'e'; ++name) EXPECT_EQ(count_lines(text, std::string(50, name)), 200U);
    EXPECT_EQ(text.size(), 4 * 200 * 51U);
}

}  // namespace
}  // namespace nexpo::hosts
