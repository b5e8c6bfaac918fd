/*
 * The load client of gRPC, by the command line of test/bench/measure.h: one
 * thread and a completion queue, or the blocking calls of a stream, whichever
 * does.  Every answer is compared.
 */
#include "reverse.grpc.pb.h"
#include "test/bench/measure.h"

extern "C" {
#include "text/text.h"
}

#include <algorithm>
#include <err.h>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <string>
#include <vector>

using bench::Reverse;
using bench::Segment;
using bench::Spelt;
using bench::Text;
using grpc::ClientContext;
using grpc::Status;

static struct load load;
static struct meter meter;

namespace
{

std::string
lines(size_t len)
{
	std::string text(len, ' ');

	load_fill_lines(&text[0], len, load.bytes);
	return text;
}

std::string
turned(const std::string &text)
{
	std::string out(text.size(), ' ');

	text_reverse(reinterpret_cast<uint8_t *>(&out[0]),
	    reinterpret_cast<const uint8_t *>(text.data()), text.size(),
	    TEXT_BY_BYTE, nullptr);
	return out;
}

std::unique_ptr<Reverse::Stub>
connect()
{
	grpc::ChannelArguments arguments;
	std::string at = load.address;

	arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
	arguments.SetMaxReceiveMessageSize(-1);
	return Reverse::NewStub(grpc::CreateCustomChannel(
	    at[0] == '/' ? "unix:" + at : "127.0.0.1:" + at,
	    grpc::InsecureChannelCredentials(), arguments));
}

void
demand(const Status &status)
{
	if (!status.ok())
		errx(1, "%s", status.error_message().c_str());
}

void
compare(const std::string &is, const std::string &wanted)
{
	if (is != wanted)
		errx(1, "a wrong answer");
}

/* A text that is under way. */
struct Call {
	Reverse::Stub *stub;
	std::unique_ptr<ClientContext> context;
	std::unique_ptr<grpc::ClientAsyncResponseReader<Text>> reader;
	Text answer;
	Status status;

	void Send(const Text &asked, grpc::CompletionQueue *queue)
	{
		context.reset(new ClientContext);
		reader = stub->AsyncOnce(context.get(), asked, queue);
		reader->Finish(&answer, &status, this);
	}
};

void
run_texts()
{
	std::vector<std::unique_ptr<Reverse::Stub>> stubs;
	std::vector<std::unique_ptr<Call>> calls;
	grpc::CompletionQueue queue;
	Text asked;
	void *tag;
	bool ok;

	asked.set_text(lines(load.bytes));
	const std::string wanted = turned(asked.text());

	for (size_t i = 0; i < load.connections; i++) {
		ClientContext context;
		Text first;

		stubs.push_back(connect());
		demand(stubs.back()->Once(&context, asked, &first));
	}
	meter_start(&meter, &load);
	for (size_t i = 0; i < load.connections * load.depth; i++) {
		calls.emplace_back(new Call);
		calls.back()->stub = stubs[i / load.depth].get();
		calls.back()->Send(asked, &queue);
	}
	for (size_t open = calls.size(); open > 0 && queue.Next(&tag, &ok);) {
		Call *call = static_cast<Call *>(tag);

		demand(call->status);
		compare(call->answer.text(), wanted);
		meter_count(&meter, 1);
		if (meter_is_over(&meter))
			open--;
		else
			call->Send(asked, &queue);
	}
}

class Each
{
      public:
	Each() : stub_(connect()), wanted_(turned(lines(load.bytes)))
	{
		size_t most = std::min(load.segment, load.depth);

		for (size_t i = 0; i < most; i++)
			asked_.add_texts(lines(load.bytes));
		stream_ = stub_->AsyncEach(&context_, &queue_, &started_);
	}

	void Run()
	{
		void *tag;
		bool ok;

		queue_.Next(&tag, &ok);
		meter_start(&meter, &load);
		stream_->Read(&answer_, &read_);
		Push();
		while (!finished_ && queue_.Next(&tag, &ok))
			if (tag == &wrote_)
				Wrote();
			else if (tag == &read_)
				Read(ok);
			else
				finished_ = true;
		demand(status_);
	}

      private:
	void Push()
	{
		if (writing_ || done_)
			return;
		if (!meter_is_over(&meter)) {
			if (flying_ + asked_.texts_size() > load.depth)
				return;
			flying_ += asked_.texts_size();
			stream_->Write(asked_, &wrote_);
			writing_ = true;
		} else if (flying_ == 0) {
			stream_->WritesDone(&wrote_);
			writing_ = done_ = true;
		}
	}

	void Wrote()
	{
		writing_ = false;
		Push();
	}

	void Read(bool ok)
	{
		if (!ok) {
			stream_->Finish(&status_, &finish_);
			return;
		}
		for (const std::string &text : answer_.texts())
			compare(text, wanted_);
		flying_ -= answer_.texts_size();
		meter_count(&meter, answer_.texts_size());
		stream_->Read(&answer_, &read_);
		Push();
	}

	std::unique_ptr<Reverse::Stub> stub_;
	std::string wanted_;
	ClientContext context_;
	grpc::CompletionQueue queue_;
	std::unique_ptr<grpc::ClientAsyncReaderWriter<Segment, Segment>>
	    stream_;
	Segment asked_, answer_;
	Status status_;
	size_t flying_ = 0;
	bool writing_ = false, done_ = false, finished_ = false;
	/* Their addresses are tags. */
	char started_, wrote_, read_, finish_;
};

void
collect_once(Reverse::Stub *stub, const Segment &piece, size_t messages,
    const std::string &wanted)
{
	ClientContext context;
	Text answer;
	auto writer = stub->Collect(&context, &answer);

	for (size_t i = 0; i < messages / load.segment; i++)
		if (!writer->Write(piece))
			errx(1, "the stream has ended");
	writer->WritesDone();
	demand(writer->Finish());
	compare(answer.text(), wanted);
	meter_count(&meter, messages);
}

void
run_collects()
{
	std::unique_ptr<Reverse::Stub> stub = connect();
	size_t messages = load_messages(&load);
	const std::string wanted = turned(lines(messages * load.bytes));
	Segment piece;

	for (size_t i = 0; i < load.segment; i++)
		piece.add_texts(lines(load.bytes));
	meter_start(&meter, &load);
	while (!meter_is_over(&meter))
		collect_once(stub.get(), piece, messages, wanted);
}

void
spell_once(Reverse::Stub *stub, const Spelt &asked, const std::string &line)
{
	ClientContext context;
	Segment piece;
	size_t messages = 0;
	auto reader = stub->Spell(&context, asked);

	while (reader->Read(&piece)) {
		for (const std::string &text : piece.texts())
			compare(text, line);
		messages += piece.texts_size();
	}
	demand(reader->Finish());
	if (messages != load_messages(&load))
		errx(1, "not all lines");
	meter_count(&meter, messages);
}

void
run_spells()
{
	std::unique_ptr<Reverse::Stub> stub = connect();
	Spelt asked;

	asked.set_text(lines(load_messages(&load) * load.bytes));
	asked.set_segment(load.segment);
	meter_start(&meter, &load);
	while (!meter_is_over(&meter))
		spell_once(stub.get(), asked, lines(load.bytes));
}

void
idle()
{
	std::vector<std::unique_ptr<Reverse::Stub>> stubs;
	Text asked;

	asked.set_text(lines(load.bytes));
	for (size_t i = 0; i < load.connections; i++) {
		ClientContext context;
		Text answer;

		stubs.push_back(connect());
		demand(stubs.back()->Once(&context, asked, &answer));
	}
	stay_idle();
}

} // namespace

int
main(int argc, char **argv)
{
	load = load_from(argc, argv);
	if (load.work == WORK_IDLE) {
		idle();
		return 0;
	}
	if (load.work == WORK_TEXT)
		run_texts();
	else if (load.work == WORK_EACH)
		Each().Run();
	else if (load.work == WORK_COLLECT)
		run_collects();
	else
		run_spells();
	meter_tell(&meter);
	return 0;
}
