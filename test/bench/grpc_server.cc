/*
 * The same work behind gRPC, by its callback API.
 *
 *	grpc_server ADDRESS
 */
#include "reverse.grpc.pb.h"
#include "test/bench/measure.h"

extern "C" {
#include "text/text.h"
}

#include <cstring>
#include <err.h>
#include <grpcpp/grpcpp.h>
#include <string>

using bench::Segment;
using bench::Spelt;
using bench::Text;
using grpc::CallbackServerContext;
using grpc::Status;

namespace
{

void
reverse(const std::string &in, std::string *out)
{
	out->resize(in.size());
	text_reverse(reinterpret_cast<uint8_t *>(&(*out)[0]),
	    reinterpret_cast<const uint8_t *>(in.data()), in.size(),
	    TEXT_BY_BYTE, nullptr);
}

class Collecting : public grpc::ServerReadReactor<Segment>
{
      public:
	explicit Collecting(Text *answer) : answer_(answer)
	{
		StartRead(&piece_);
	}

	void OnReadDone(bool ok) override
	{
		if (!ok) {
			reverse(all_, answer_->mutable_text());
			Finish(Status::OK);
			return;
		}
		for (const std::string &text : piece_.texts())
			all_ += text;
		StartRead(&piece_);
	}

	void OnDone() override
	{
		delete this;
	}

      private:
	Text *answer_;
	Segment piece_;
	std::string all_;
};

class Spelling : public grpc::ServerWriteReactor<Segment>
{
      public:
	explicit Spelling(const Spelt *asked)
	    : text_(asked->text()), most_(asked->segment()), end_(text_.size())
	{
		Next();
	}

	void OnWriteDone(bool ok) override
	{
		if (ok)
			Next();
		else
			Finish(Status::CANCELLED);
	}

	void OnDone() override
	{
		delete this;
	}

      private:
	void Next()
	{
		piece_.Clear();
		for (uint32_t i = 0; i < most_ && end_ > 0; i++) {
			size_t start =
			    end_ > 1 ? text_.rfind('\n', end_ - 2) + 1 : 0;

			piece_.add_texts(&text_[start], end_ - start);
			end_ = start;
		}
		if (end_ == 0)
			StartWriteAndFinish(&piece_, {}, Status::OK);
		else
			StartWrite(&piece_);
	}

	const std::string &text_;
	uint32_t most_;
	size_t end_;
	Segment piece_;
};

class Echoing : public grpc::ServerBidiReactor<Segment, Segment>
{
      public:
	Echoing()
	{
		StartRead(&in_);
	}

	void OnReadDone(bool ok) override
	{
		if (!ok) {
			Finish(Status::OK);
			return;
		}
		out_.Clear();
		for (const std::string &text : in_.texts())
			reverse(text, out_.add_texts());
		StartWrite(&out_);
	}

	void OnWriteDone(bool ok) override
	{
		if (ok)
			StartRead(&in_);
		else
			Finish(Status::CANCELLED);
	}

	void OnDone() override
	{
		delete this;
	}

      private:
	Segment in_, out_;
};

class Service final : public bench::Reverse::CallbackService
{
	grpc::ServerUnaryReactor *Once(
	    CallbackServerContext *context, const Text *in, Text *out) override
	{
		grpc::ServerUnaryReactor *reactor = context->DefaultReactor();

		reverse(in->text(), out->mutable_text());
		reactor->Finish(Status::OK);
		return reactor;
	}

	grpc::ServerReadReactor<Segment> *Collect(
	    CallbackServerContext *, Text *answer) override
	{
		return new Collecting(answer);
	}

	grpc::ServerWriteReactor<Segment> *Spell(
	    CallbackServerContext *, const Spelt *asked) override
	{
		return new Spelling(asked);
	}

	grpc::ServerBidiReactor<Segment, Segment> *Each(
	    CallbackServerContext *) override
	{
		return new Echoing;
	}
};

} // namespace

int
main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: grpc_server ADDRESS");

	Service service;
	grpc::ServerBuilder builder;
	std::string at = argv[1];

	use_all_descriptors();
	builder.AddListeningPort(
	    at[0] == '/' ? "unix:" + at : "127.0.0.1:" + at,
	    grpc::InsecureServerCredentials());
	builder.SetMaxReceiveMessageSize(-1);
	builder.RegisterService(&service);

	std::unique_ptr<grpc::Server> server = builder.BuildAndStart();

	if (!server)
		errx(1, "cannot serve %s", argv[1]);
	server->Wait();
	return 0;
}
