"""The desk: drafts worked off in a browser, by a person who signs them.

    server         a socket, links for readers, threads, an end
      access         what every request must show, what every answer carries
      readers        links that work once, sessions, the lock
      app            addresses, refusals
      endpoints      what each address answers
      pages, words   the page, which holds nobody's data; its words
      vocabulary     those of the record that its form offers
    desk           what is done with drafts, step by step
      steps          signing and amending
      former_words   what others wrote, beside its field
      choices        whose choice a grade is
      authorship     who a record is by once a person changed it
      judge          what hosr says of its records, on its images
      blinding       which drafts are read without the model's findings, until when
      views          drafts and worklist as plain values
      reported       text, faults and obstacles of a record, in the words of its report
      hip_cards      its hips: grades, choices, flags, lengths
      remedies       what a button can do about them
      sentences      what the desk itself says
      draft_images   the images that a page shows: of a draft, and of its earlier studies
      imagery        images, opened once, sent frame by frame
      displays       how a frame is shown
      earlier        earlier reports beside it, and what was marked
      earlier_studies   where the images of earlier studies lie, and which are shown
      audit          what was done, by whom and when
      delivery       what was signed, into the outbox and on its way

Only this package knows Starlette and uvicorn. It holds no state but sessions, and images that were opened.
"""
